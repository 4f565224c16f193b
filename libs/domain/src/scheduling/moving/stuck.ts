/** Replicas that were placed by what a cluster reports, and that its own scheduler finds no node for. */
import type { EntryData } from '@skyflow/contracts';
import type { SchedulingState, Share, WorkloadRecord } from '../state.js';

/** The reason that agents take over from kube-scheduler. */
const UNSCHEDULABLE = 'Unschedulable';

/** What a report says of it; since when is kept while it lasts. */
export function stuckReplicas(
  { stuck }: Share,
  { reason, pending }: EntryData<'WorkObserved'>,
  atMs: number,
): Share['stuck'] {
  if (reason !== UNSCHEDULABLE || pending === 0) return undefined;
  return { replicas: pending, sinceMs: stuck?.sinceMs ?? atMs };
}

/** Brings the set of those that are stuck somewhere up to date. */
export function fileStuck({ stuck }: SchedulingState, { ref, shares }: WorkloadRecord): void {
  if (shares.some((share) => share.stuck !== undefined)) stuck.add(ref.uid);
  else stuck.delete(ref.uid);
}
