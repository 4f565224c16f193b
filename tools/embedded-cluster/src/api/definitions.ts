/**
 * The resource definitions of embedded clusters: kinds with their schemas, columns and rules. Made once per process and
 * shared by all clusters; only the handlers of pod subresources differ from cluster to cluster, found by the pod's store.
 */
import type { ConnectHandler, ResourceDefinition, ResourceStrategy } from '@skyflow/apimachinery';
import { completeDefaults, nativeCauses, nativeSchemas } from '@skyflow/kube-schema';
import { columnsByKind } from './columns.js';
import {
  dataStrategy,
  namespaceStrategy,
  nodeStrategy,
  reviewStrategy,
  serviceStrategy,
  volumeClaimStrategy,
} from './core-strategies.js';
import { servedKinds } from './kinds.js';
import { podStrategy } from './pod-strategy.js';
import { jobStrategy, replicatedStrategy } from './workload-strategies.js';

const strategies: Readonly<Record<string, ResourceStrategy>> = {
  Pod: podStrategy,
  Deployment: replicatedStrategy,
  ReplicaSet: replicatedStrategy,
  Job: jobStrategy,
  ConfigMap: dataStrategy,
  Secret: dataStrategy,
  Service: serviceStrategy,
  Namespace: namespaceStrategy,
  Node: nodeStrategy,
  PersistentVolumeClaim: volumeClaimStrategy,
  SelfSubjectAccessReview: reviewStrategy,
  SelfSubjectReview: reviewStrategy,
};

/** Upstream's stores with ReturnDeletedObject. */
const RETURNED_WHEN_DELETED = new Set([
  ...['Pod', 'Service', 'ServiceAccount', 'PersistentVolumeClaim', 'ResourceQuota', 'StorageClass'],
]);

export type ConnectHandlers = Readonly<Record<string, Readonly<Record<string, ConnectHandler>>>>;

/** @param connect handlers of subresources, by kind and subresource. */
export function clusterDefinitions(connect: ConnectHandlers): ResourceDefinition[] {
  const schemas = nativeSchemas();
  return servedKinds.map(({ package: packageName, ...facts }) => {
    const schemaName = `${packageName}.${facts.kind}`;
    const schema = schemas[schemaName];
    if (schema === undefined) throw new Error(`schema ${schemaName} is missing from libs/kube-schema`);
    const columns = columnsByKind[facts.kind];
    const strategy = withNativeRules(strategies[facts.kind] ?? {});
    const handlers = connect[facts.kind];
    return {
      ...facts,
      schemaName,
      schema,
      completeDefaults,
      returnsDeleted: RETURNED_WHEN_DELETED.has(facts.kind),
      ...(columns === undefined ? {} : { columns }),
      strategy,
      ...(handlers === undefined ? {} : { connect: handlers }),
    };
  });
}

/** Kubernetes' own rules come before those of the kind here. */
function withNativeRules(strategy: ResourceStrategy): ResourceStrategy {
  return {
    ...strategy,
    validate: (object, context) => [...nativeCauses(object), ...(strategy.validate?.(object, context) ?? [])],
  };
}

export const kindsInNamespaces: readonly string[] = servedKinds
  .filter(({ namespaced }) => namespaced)
  .map(({ kind }) => kind);

export const servedApiKinds: ReadonlySet<string> = new Set(
  servedKinds.map(({ group, version, kind }) => `${group === '' ? version : `${group}/${version}`}/${kind}`),
);
