/** apps/v1 Deployment ↔ skyflow.io/v1 Deployment. The specs are the same but for `placement`; the status is computed. */
import { API_VERSION, type WorkloadStatus, isRolling } from '@skyflow/contracts';
import { type AnyObject, annotationToPlacement, placementToAnnotation, withManagedFields } from './native-fields.js';

const NATIVE_DEPLOYMENT = 'apps/v1';

export function deploymentToNative(object: AnyObject): AnyObject {
  const { metadata, spec } = placementToAnnotation(object);
  return {
    ...object,
    apiVersion: NATIVE_DEPLOYMENT,
    metadata: withManagedFields(metadata, NATIVE_DEPLOYMENT, {}),
    spec,
    ...(object.status === undefined
      ? {}
      : { status: nativeDeploymentStatus(object.status as WorkloadStatus, metadata.generation ?? 1) }),
  };
}

/** Without status: SkyFlow's own is never taken from outside. */
export function deploymentFromNative(native: AnyObject): AnyObject {
  const { status: _status, ...rest } = native;
  const { metadata, spec } = annotationToPlacement(native);
  return { ...rest, apiVersion: API_VERSION, metadata: withManagedFields(metadata, API_VERSION, {}), spec };
}

/**
 * apps/v1 DeploymentStatus, as `kubectl rollout status` and `kubectl wait` read it: replicas count as updated only when every cluster
 * has taken up the generation, and those of a cluster in the midst of its own rolling update when it is through. A rollout over clusters
 * that was rolled back or has stopped is one that exceeded its deadline.
 */
export function nativeDeploymentStatus(status: WorkloadStatus, generation: number): Record<string, unknown> {
  const hasEnded = status.rollout !== undefined && status.rollout.state !== 'Progressing';
  const current = status.observedGeneration >= generation && !hasEnded;
  const available = status.ready >= status.replicas;
  const at = status.conditions[0]?.lastTransitionTime;
  const condition = (type: string, is: boolean, reason: string, message: string): Record<string, unknown> => ({
    type,
    status: is ? 'True' : 'False',
    reason,
    message,
    lastUpdateTime: at,
    lastTransitionTime: at,
  });
  const why = status.message ?? `${String(status.ready)} of ${String(status.replicas)} replicas are ready`;
  const rolling = status.clusters.filter(isRolling).reduce((sum, { replicas }) => sum + replicas, 0);
  const updated = current ? Math.max(0, status.placed - rolling) : 0;
  const settled = status.phase === 'RUNNING' && current && rolling === 0;
  return {
    observedGeneration: hasEnded ? generation : status.observedGeneration,
    ...(status.placed > 0 ? { replicas: status.placed } : {}),
    ...(updated > 0 ? { updatedReplicas: updated } : {}),
    ...(status.ready > 0 ? { readyReplicas: status.ready, availableReplicas: status.ready } : {}),
    ...(available ? {} : { unavailableReplicas: status.replicas - status.ready }),
    conditions: [
      condition('Available', available, available ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable', why),
      hasEnded
        ? condition('Progressing', false, 'ProgressDeadlineExceeded', status.rollout?.message ?? why)
        : condition(
            'Progressing',
            true,
            settled ? 'NewReplicaSetAvailable' : (status.reason ?? 'ReplicaSetUpdated'),
            why,
          ),
    ],
  };
}
