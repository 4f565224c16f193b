/** batch/v1. Sources: k8s.io/api/batch/v1/types.go, pkg/apis/batch/v1/defaults.go, pkg/apis/batch/validation. */
import { atLeast, between, byDefault, condition, mergedBy, oneOf, valueSet, type Overlay } from './overlay.js';

export const batchOverlay: Overlay = {
  packageName: 'io.k8s.api.batch.v1',
  types: {
    // Defaults of a JobSpec are the Job's (../defaults/workloads.ts): upstream leaves a CronJob's jobTemplate as it is.
    JobSpec: {
      parallelism: atLeast(0),
      completions: atLeast(0),
      backoffLimit: atLeast(0),
      backoffLimitPerIndex: atLeast(0),
      maxFailedIndexes: atLeast(0),
      activeDeadlineSeconds: atLeast(0),
      ttlSecondsAfterFinished: atLeast(0),
      completionMode: oneOf('NonIndexed', 'Indexed'),
      podReplacementPolicy: oneOf('TerminatingOrFailed', 'Failed'),
    },
    JobStatus: { conditions: mergedBy('type') },
    JobCondition: { status: condition },
    UncountedTerminatedPods: { succeeded: valueSet, failed: valueSet },
    PodFailurePolicyRule: { action: oneOf('FailJob', 'FailIndex', 'Ignore', 'Count') },
    PodFailurePolicyOnExitCodesRequirement: { operator: oneOf('In', 'NotIn'), values: valueSet },
    PodFailurePolicyOnPodConditionsPattern: { status: { ...condition, default: 'True' } },
    SuccessPolicyRule: { succeededCount: atLeast(0) },
    CronJobSpec: {
      concurrencyPolicy: { ...oneOf('Allow', 'Forbid', 'Replace'), default: 'Allow' },
      suspend: byDefault(false),
      successfulJobsHistoryLimit: { ...atLeast(0), default: 3 },
      failedJobsHistoryLimit: { ...atLeast(0), default: 1 },
      startingDeadlineSeconds: between(0, Number.MAX_SAFE_INTEGER),
    },
  },
};
