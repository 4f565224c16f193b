/**
 * The resource definitions of embedded clusters: kinds with their schemas, columns and rules. Made once per process and
 * shared by all clusters; only the handlers of pod subresources differ from cluster to cluster, found by the pod's store.
 */
import type { ConnectHandler, ResourceDefinition, ResourceStrategy } from '@skyflow/apimachinery';
import { completeDefaults, nativeSchemas } from '@skyflow/kube-schema';
import { columnsByKind } from './columns.js';
import { namespaceStrategy, nodeStrategy, reviewStrategy, volumeClaimStrategy } from './core-strategies.js';
import { servedKinds } from './kinds.js';
import { podStrategy } from './pod-strategy.js';
import { jobStrategy, replicatedStrategy } from './workload-strategies.js';

const strategies: Readonly<Record<string, ResourceStrategy>> = {
  Pod: podStrategy,
  Deployment: replicatedStrategy,
  ReplicaSet: replicatedStrategy,
  Job: jobStrategy,
  Namespace: namespaceStrategy,
  Node: nodeStrategy,
  PersistentVolumeClaim: volumeClaimStrategy,
  SelfSubjectAccessReview: reviewStrategy,
};

export type ConnectHandlers = Readonly<Record<string, Readonly<Record<string, ConnectHandler>>>>;

/** @param connect handlers of subresources, by kind and subresource. */
export function clusterDefinitions(connect: ConnectHandlers): ResourceDefinition[] {
  const schemas = nativeSchemas();
  return servedKinds.map(({ package: packageName, ...facts }) => {
    const schemaName = `${packageName}.${facts.kind}`;
    const schema = schemas[schemaName];
    if (schema === undefined) throw new Error(`schema ${schemaName} is missing from libs/kube-schema`);
    const columns = columnsByKind[facts.kind];
    const strategy = withNativeDefaults(strategies[facts.kind] ?? {});
    const handlers = connect[facts.kind];
    return {
      ...facts,
      schemaName,
      schema,
      ...(columns === undefined ? {} : { columns }),
      strategy,
      ...(handlers === undefined ? {} : { connect: handlers }),
    };
  });
}

/** Kubernetes' own defaults come before the rules of the kind. */
function withNativeDefaults(strategy: ResourceStrategy): ResourceStrategy {
  return {
    ...strategy,
    prepareForCreate(object, context) {
      completeDefaults(object);
      strategy.prepareForCreate?.(object, context);
    },
    prepareForUpdate(object, old, context) {
      completeDefaults(object);
      strategy.prepareForUpdate?.(object, old, context);
    },
  };
}

export const kindsInNamespaces: readonly string[] = servedKinds
  .filter(({ namespaced }) => namespaced)
  .map(({ kind }) => kind);

export const servedApiKinds: ReadonlySet<string> = new Set(
  servedKinds.map(({ group, version, kind }) => `${group === '' ? version : `${group}/${version}`}/${kind}`),
);
