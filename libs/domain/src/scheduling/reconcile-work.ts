/**
 * What the decisions imply and sky.work lacks, by cluster. Level-triggered: it looks at what is true, so it does not matter how
 * often it is asked or what was lost on the way; once its entries are folded it gives nothing more.
 */
import type { EntryData, StoredObject } from '@skyflow/contracts';
import type { Draft } from './draft.js';
import { versionFor } from './moving/rollout/versions.js';
import { actionFor, dependenciesOf } from './membership.js';
import { type Origin, type SchedulingState, type Share, type WorkloadRecord, wantedReplicas } from './state.js';

export type WorkDraft = Draft<'WorkAssigned' | 'WorkWithdrawn' | 'NamespaceWithdrawn'>;

export interface WorkLimits {
  /** Epoch of the scheduler that writes. */
  epoch: number;
  /** Most workloads looked at in one call. */
  workloads: number;
}

/**
 * Entries to append to the work subject of each cluster. Work whose object is not in memory is left out; see stored-objects.ts.
 */
export function reconcileWork(
  state: SchedulingState,
  { epoch, workloads: most }: WorkLimits,
): Map<string, WorkDraft[]> {
  const drafts = new Map<string, WorkDraft[]>();
  const add = (cluster: string, draft: WorkDraft): void => {
    const list = drafts.get(cluster);
    if (list === undefined) drafts.set(cluster, [draft]);
    else list.push(draft);
  };
  let looked = 0;
  for (const uid of state.unissued) {
    const workload = state.workloads.get(uid);
    if (workload !== undefined) issue(state, workload, epoch, add);
    if (++looked >= most) break;
  }
  for (const { cluster, ref, decision } of state.orphans.values()) {
    add(cluster, { type: 'WorkWithdrawn', data: { epoch, decision, ref }, origin: undefined });
  }
  withdrawNamespaces(state, epoch, add);
  return drafts;
}

/**
 * What a draft has become since: the entry that is due now for the same workload or namespace on the same cluster, or undefined
 * if none is. For a writer that has to decide again.
 */
export function redraftWork(
  state: SchedulingState,
  epoch: number,
  cluster: string,
  draft: WorkDraft,
): WorkDraft | undefined {
  if (draft.type === 'NamespaceWithdrawn') return draft;
  const uid = draft.type === 'WorkAssigned' ? draft.data.object.metadata.uid : draft.data.ref.uid;
  const workload = state.workloads.get(uid);
  if (workload === undefined) return draft.type === 'WorkWithdrawn' ? draft : undefined;
  let due: WorkDraft | undefined;
  issue(state, workload, epoch, (of, next) => {
    if (of === cluster) due = next;
  });
  return due;
}

/** Whether there is anything to append. */
export const isWorkIssued = (state: SchedulingState): boolean =>
  state.unissued.size === 0 && state.orphans.size === 0 && !someNamespaceToWithdraw(state);

type Add = (cluster: string, draft: WorkDraft) => void;

function issue(state: SchedulingState, workload: WorkloadRecord, epoch: number, add: Add): void {
  for (const share of workload.shares) {
    const action = actionFor(state, workload, share);
    const { object, generation } = versionFor(workload, share);
    if (action === 'assign' && object !== undefined) {
      const data = assignment(state, workload, share, { object, generation }, epoch);
      add(share.cluster, { type: 'WorkAssigned', data, origin: workload.origin });
    } else if (action === 'withdraw') {
      add(share.cluster, withdrawal(workload, share, epoch, workload.origin));
    }
  }
}

function assignment(
  state: SchedulingState,
  workload: WorkloadRecord,
  share: Share,
  { object, generation }: { object: StoredObject; generation: number },
  epoch: number,
): EntryData<'WorkAssigned'> {
  const dependencies = dependenciesOf(state, workload);
  return {
    epoch,
    decision: share.decision,
    generation,
    replicas: wantedReplicas(share),
    ...(share.completions !== undefined && { completions: share.completions }),
    object,
    ...(dependencies.length > 0 && { dependencies }),
  };
}

/** Names the later of the decision that is carried out and the one that the cluster knows, so that it is never taken for stale. */
function withdrawal({ ref }: WorkloadRecord, share: Share, epoch: number, origin: Origin | undefined): WorkDraft {
  const decision = Math.max(share.decision, share.carried.decision);
  return { type: 'WorkWithdrawn', data: { epoch, decision, ref }, origin };
}

function withdrawNamespaces(state: SchedulingState, epoch: number, add: Add): void {
  for (const namespace of state.deletedNamespaces) {
    const record = state.namespaces.get(namespace);
    if (record === undefined || record.workloads > 0) continue;
    for (const cluster of [...record.clusters].sort()) {
      add(cluster, { type: 'NamespaceWithdrawn', data: { epoch, namespace }, origin: undefined });
    }
  }
}

function someNamespaceToWithdraw(state: SchedulingState): boolean {
  for (const namespace of state.deletedNamespaces) {
    const record = state.namespaces.get(namespace);
    if (record !== undefined && record.workloads === 0 && record.clusters.size > 0) return true;
  }
  return false;
}
