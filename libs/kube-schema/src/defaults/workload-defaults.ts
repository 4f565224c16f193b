/** Conditional defaults of workloads. Sources: pkg/apis/apps/v1/defaults.go, pkg/apis/batch/v1/defaults.go. */
import { partAt, partsOf, setDefault, type Part } from './object-parts.js';

const MAX_INT32 = 2 ** 31 - 1;

export function completeDeployment(object: object): void {
  completeRollingUpdate(partAt(object, 'spec', 'strategy'), { maxUnavailable: '25%', maxSurge: '25%' });
}

export function completeDaemonSet(object: object): void {
  completeRollingUpdate(partAt(object, 'spec', 'updateStrategy'), { maxUnavailable: 1, maxSurge: 0 });
}

export function completeStatefulSet(object: object): void {
  const spec = partAt(object, 'spec');
  completeRollingUpdate(partAt(spec, 'updateStrategy'), { partition: 0 });
  for (const claim of partsOf(spec?.volumeClaimTemplates)) {
    setDefault(claim, 'apiVersion', 'v1');
    setDefault(claim, 'kind', 'PersistentVolumeClaim');
    setDefault(claim, 'status', {});
    setDefault(partAt(claim, 'status') ?? {}, 'phase', 'Pending');
  }
}

export function completeJob(object: object): void {
  const spec = partAt(object, 'spec');
  if (spec === undefined) return;
  // Parallelism alone is a work queue: then there is no number of completions.
  if (isAbsent(spec.completions) && isAbsent(spec.parallelism)) spec.completions = 1;
  setDefault(spec, 'parallelism', 1);
  setDefault(spec, 'backoffLimit', isAbsent(spec.backoffLimitPerIndex) ? 6 : MAX_INT32);
  setDefault(spec, 'completionMode', 'NonIndexed');
  setDefault(spec, 'suspend', false);
  setDefault(spec, 'manualSelector', false);
  setDefault(spec, 'podReplacementPolicy', isAbsent(spec.podFailurePolicy) ? 'TerminatingOrFailed' : 'Failed');
  labelAsTemplate(object);
}

export function completeReplicationController(object: object): void {
  const spec = partAt(object, 'spec');
  const labels = partAt(spec, 'template', 'metadata', 'labels');
  if (spec !== undefined && labels !== undefined) setDefault(spec, 'selector', { ...labels });
  labelAsTemplate(object);
}

function completeRollingUpdate(strategy: Part | undefined, defaults: Part): void {
  if (strategy?.type !== 'RollingUpdate') return;
  setDefault(strategy, 'rollingUpdate', {});
  const rollingUpdate = partAt(strategy, 'rollingUpdate');
  for (const [field, value] of Object.entries(defaults)) if (rollingUpdate) setDefault(rollingUpdate, field, value);
}

/** An object without labels takes those of its pods. */
function labelAsTemplate(object: object): void {
  const metadata = partAt(object, 'metadata');
  const labels = partAt(object, 'spec', 'template', 'metadata', 'labels');
  if (metadata === undefined || labels === undefined || Object.keys(labels).length === 0) return;
  const own = partAt(metadata, 'labels');
  if (own === undefined || Object.keys(own).length === 0) metadata.labels = { ...labels };
}

const isAbsent = (value: unknown): boolean => value === undefined || value === null;
