/**
 * The API server's rules for native objects that a schema cannot say, because they need more than one field. Pure; of an object
 * whose fields have the right types already. Source: k8s.io/kubernetes/pkg/apis/<group>/validation.
 */
import type { KubeObject, StatusCause } from '@skyflow/contracts';
import { asPart, type Part } from '../defaults/object-parts.js';
import {
  claimCauses,
  configMapCauses,
  disruptionBudgetCauses,
  ingressCauses,
  namespaceCauses,
  networkPolicyCauses,
  secretCauses,
} from './other-rules.js';
import { podSpecCauses } from './pod-rules.js';
import { serviceCauses } from './service-rules.js';
import {
  cronJobCauses,
  deploymentCauses,
  jobCauses,
  statefulSetCauses,
  steadyTemplateCauses,
} from './workload-rules.js';

const bySpec: Readonly<Record<string, (spec: Part) => StatusCause[]>> = {
  'v1/Pod': (spec) => podSpecCauses(spec, 'spec'),
  'v1/Service': serviceCauses,
  'v1/PersistentVolumeClaim': claimCauses,
  'apps/v1/Deployment': deploymentCauses,
  'apps/v1/ReplicaSet': steadyTemplateCauses,
  'apps/v1/StatefulSet': statefulSetCauses,
  'apps/v1/DaemonSet': steadyTemplateCauses,
  'batch/v1/Job': jobCauses,
  'batch/v1/CronJob': cronJobCauses,
  'policy/v1/PodDisruptionBudget': disruptionBudgetCauses,
  'networking.k8s.io/v1/NetworkPolicy': networkPolicyCauses,
  'networking.k8s.io/v1/Ingress': ingressCauses,
};

/** No causes: the object keeps the rules, or its kind has none here. */
export function nativeCauses(object: KubeObject): StatusCause[] {
  const kind = `${object.apiVersion}/${object.kind}`;
  switch (kind) {
    case 'v1/ConfigMap':
      return configMapCauses(object);
    case 'v1/Secret':
      return secretCauses(object);
    case 'v1/Namespace':
      return namespaceCauses(object.metadata);
    default:
      return Object.hasOwn(bySpec, kind) ? (bySpec[kind]?.(asPart(object['spec']) ?? {}) ?? []) : [];
  }
}
