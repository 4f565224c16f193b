/**
 * Defaults of native kinds that depend on other fields, so that a schema cannot say them: pull policy by tag, rolling update
 * only where the strategy is one, target port from port. In place, after the defaults of the schema, before validation.
 *
 * Source: k8s.io/kubernetes/pkg/apis/<group>/v1/defaults.go. Nothing that is set is changed; completing twice changes
 * nothing more; values of a wrong type are passed over. Not here: what controllers and admission fill in (cluster IPs,
 * service account of a pod, selector of a Job).
 */
import type { KubeObject } from '@skyflow/contracts';
import { partAt } from './object-parts.js';
import { completePodSpec, completePod } from './pod-defaults.js';
import {
  completeBinding,
  completeNamespace,
  completeNetworkPolicy,
  completeSecret,
  completeService,
} from './other-defaults.js';
import {
  completeDaemonSet,
  completeDeployment,
  completeJob,
  completeReplicationController,
  completeStatefulSet,
} from './workload-defaults.js';

type Complete = (object: KubeObject) => void;

/** Completes the pod template at `spec.template`, then the rest. */
const withTemplate =
  (complete: Complete = () => undefined, ...path: readonly string[]): Complete =>
  (object) => {
    completePodSpec(partAt(object, 'spec', ...path, 'template', 'spec'));
    complete(object);
  };

const completions: Readonly<Record<string, Complete>> = {
  'v1/Pod': completePod,
  'v1/Service': completeService,
  'v1/Secret': completeSecret,
  'v1/Namespace': completeNamespace,
  'v1/ReplicationController': withTemplate(completeReplicationController),
  'apps/v1/Deployment': withTemplate(completeDeployment),
  'apps/v1/ReplicaSet': withTemplate(),
  'apps/v1/StatefulSet': withTemplate(completeStatefulSet),
  'apps/v1/DaemonSet': withTemplate(completeDaemonSet),
  'batch/v1/Job': withTemplate(completeJob),
  'batch/v1/CronJob': withTemplate(undefined, 'jobTemplate', 'spec'),
  'networking.k8s.io/v1/NetworkPolicy': completeNetworkPolicy,
  'rbac.authorization.k8s.io/v1/RoleBinding': completeBinding,
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': completeBinding,
};

/** Kinds without such defaults, and kinds that are not native, stay as they are. */
export function completeDefaults(object: KubeObject): void {
  const kind = `${object.apiVersion}/${object.kind}`;
  if (Object.hasOwn(completions, kind)) completions[kind]?.(object);
}
