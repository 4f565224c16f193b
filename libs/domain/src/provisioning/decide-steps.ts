/** The entries of steps: with them the status as it is then, in the same commit, so that users never see one without the other. Pure. */
import type { ClusterStep, EntryData, MachineStep } from '@skyflow/contracts';
import { evolveCluster } from './evolve.js';
import { evolveMachine } from './evolve-machine.js';
import { provisioningStatus } from './provisioning-status.js';
import type { ProvisionedCluster } from './state.js';

export type ProvisioningDraft = {
  [T in 'ProvisioningAdvanced' | 'MachineAdvanced' | 'ProvisioningStatusDecided']: { type: T; data: EntryData<T> };
}['ProvisioningAdvanced' | 'MachineAdvanced' | 'ProvisioningStatusDecided'];

/** A step of a machine, or of the cluster where none is named. */
export type Step = { machine: string; step: MachineStep } | { step: ClusterStep };

export function decideSteps(
  cluster: ProvisionedCluster,
  steps: readonly Step[],
  epoch: number,
  nowMs: number,
): ProvisioningDraft[] {
  const { ref } = cluster;
  const next = structuredClone(cluster);
  const drafts = steps.map((one): ProvisioningDraft => {
    if ('machine' in one) {
      evolveMachine(next, one.machine, one.step, nowMs);
      return { type: 'MachineAdvanced', data: { epoch, ref, machine: one.machine, step: one.step } };
    }
    evolveCluster(next, one.step, nowMs, 0);
    return { type: 'ProvisioningAdvanced', data: { epoch, ref, step: one.step } };
  });
  const isDeleted = steps.some(({ step }) => step.type === 'Deleted');
  const status = { ...provisioningStatus(next), ...(isDeleted ? { phase: 'DELETED' } : {}) };
  if (JSON.stringify(status) !== cluster.status) {
    // Before the last step: what is deleted takes no status any more.
    const draft: ProvisioningDraft = { type: 'ProvisioningStatusDecided', data: { epoch, ref, status } };
    drafts.splice(isDeleted ? drafts.length - 1 : drafts.length, 0, draft);
  }
  return drafts;
}
