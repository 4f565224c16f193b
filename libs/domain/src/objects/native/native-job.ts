/**
 * batch/v1 Job ↔ skyflow.io/v1 Job: `parallelism` is `replicas`, everything else keeps its name. The status is computed.
 * Jobs that run for ever (restartPolicy Always) have no batch/v1 form; the façade does not show them.
 */
import { API_VERSION, LABEL_WORKLOAD_UID, type WorkloadStatus } from '@skyflow/contracts';
import type { WorkloadRecord } from '../object-record.js';
import { timestamp } from '../sightings.js';
import {
  type AnyObject,
  annotationToPlacement,
  placementToAnnotation,
  specOf,
  withManagedFields,
} from './native-fields.js';

const NATIVE_JOB = 'batch/v1';

export function jobToNative(object: AnyObject, workload?: WorkloadRecord): AnyObject {
  const { metadata, spec } = placementToAnnotation(object);
  const { replicas, ...rest } = spec;
  const { status, ...envelope } = object;
  return {
    ...envelope,
    apiVersion: NATIVE_JOB,
    metadata: withManagedFields(metadata, NATIVE_JOB, { 'f:replicas': 'f:parallelism' }),
    spec: {
      ...(replicas === undefined ? {} : { parallelism: replicas }),
      ...(rest.selector === undefined ? { selector: podSelector(metadata.uid) } : {}),
      ...rest,
    },
    ...(status === undefined ? {} : { status: nativeJobStatus(status as WorkloadStatus, workload) }),
  };
}

/** Without status: SkyFlow's own is never taken from outside. */
export function jobFromNative(native: AnyObject): AnyObject {
  const { status: _status, ...envelope } = native;
  const { metadata, spec } = annotationToPlacement({ ...native, spec: specOf(native) });
  const { parallelism, selector, ...rest } = spec;
  const own = selector === undefined || JSON.stringify(selector) === JSON.stringify(podSelector(native.metadata.uid));
  return {
    ...envelope,
    apiVersion: API_VERSION,
    metadata: withManagedFields(metadata, API_VERSION, { 'f:parallelism': 'f:replicas' }),
    spec: {
      ...(parallelism === undefined ? {} : { replicas: parallelism }),
      ...(own ? {} : { selector }),
      ...rest,
    },
  };
}

/** Made up as Kubernetes makes one up for a Job without; by it `kubectl logs job/x` finds the pods. It is never stored. */
const podSelector = (uid: string): object => ({ matchLabels: { [LABEL_WORKLOAD_UID]: uid } });

/** batch/v1 JobStatus; `workload` adds the times that only the read model knows. */
export function nativeJobStatus(status: WorkloadStatus, workload?: WorkloadRecord): Record<string, unknown> {
  const finishedAt = workload && workload.phase === status.phase ? timestamp(workload.phaseAt) : undefined;
  const started = workload !== undefined && workload.startedAt > 0 ? { startTime: timestamp(workload.startedAt) } : {};
  const counts = {
    ...(status.running > 0 ? { active: status.running } : {}),
    ready: status.ready,
    ...(status.succeeded > 0 ? { succeeded: status.succeeded } : {}),
    ...(status.failed > 0 ? { failed: status.failed } : {}),
  };
  if (status.phase === 'COMPLETED') {
    return {
      ...started,
      ...(finishedAt === undefined ? {} : { completionTime: finishedAt }),
      ...counts,
      conditions: [finished('Complete', 'CompletionsReached', '', finishedAt)],
    };
  }
  if (status.phase === 'FAILED') {
    const condition = finished('Failed', status.reason ?? 'Failed', status.message ?? '', finishedAt);
    return { ...started, ...counts, conditions: [condition] };
  }
  return { ...started, ...counts };
}

const finished = (type: string, reason: string, message: string, at: string | undefined): Record<string, unknown> => ({
  type,
  status: 'True',
  reason,
  message,
  ...(at === undefined ? {} : { lastProbeTime: at, lastTransitionTime: at }),
});
