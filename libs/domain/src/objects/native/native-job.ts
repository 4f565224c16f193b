/**
 * batch/v1 Job ↔ skyflow.io/v1 Job: `parallelism` is `replicas`, everything else keeps its name. The status is computed.
 * Jobs that run for ever (restartPolicy Always) have no batch/v1 form; the façade does not show them.
 */
import { API_VERSION, type WorkloadStatus } from '@skyflow/contracts';
import type { WorkloadRecord } from '../object-record.js';
import { timestamp } from '../sightings.js';
import {
  type AnyObject,
  annotationToPlacement,
  placementToAnnotation,
  specOf,
  withManagedFields,
} from './native-fields.js';

export const NATIVE_JOB = 'batch/v1';

export function jobToNative(object: AnyObject, workload?: WorkloadRecord): AnyObject {
  const { metadata, spec } = placementToAnnotation(object);
  const { replicas, ...rest } = spec;
  const { status, ...envelope } = object;
  return {
    ...envelope,
    apiVersion: NATIVE_JOB,
    metadata: withManagedFields(metadata, NATIVE_JOB, { 'f:replicas': 'f:parallelism' }),
    spec: replicas === undefined ? rest : { parallelism: replicas, ...rest },
    ...(status === undefined ? {} : { status: nativeJobStatus(status as WorkloadStatus, workload) }),
  };
}

/** Without status: SkyFlow's own is never taken from outside. */
export function jobFromNative(native: AnyObject): AnyObject {
  const { status: _status, ...envelope } = native;
  const { metadata, spec } = annotationToPlacement({ ...native, spec: specOf(native) });
  const { parallelism, ...rest } = spec;
  return {
    ...envelope,
    apiVersion: API_VERSION,
    metadata: withManagedFields(metadata, API_VERSION, { 'f:parallelism': 'f:replicas' }),
    spec: parallelism === undefined ? rest : { replicas: parallelism, ...rest },
  };
}

/** batch/v1 JobStatus; `workload` adds the times that only the read model knows. */
export function nativeJobStatus(status: WorkloadStatus, workload?: WorkloadRecord): Record<string, unknown> {
  const finishedAt = workload && workload.phase === status.phase ? timestamp(workload.phaseAt) : undefined;
  const started = workload !== undefined && workload.startedAt > 0 ? { startTime: timestamp(workload.startedAt) } : {};
  const counts = {
    ...(status.running > 0 ? { active: status.running, ready: status.ready } : {}),
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
