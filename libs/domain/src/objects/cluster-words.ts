/** What is said of a cluster: reasons of its health, and its state in the words that kubectl has for nodes. */
import type { Cluster } from '@skyflow/contracts';

/** Why a cluster whose agent is back is not READY yet: what was withdrawn meanwhile is being removed. */
export const REMOVING_STALE_WORK = 'RemovingStaleWork';
/** The same for a long time: something on the cluster keeps it. */
export const STALE_WORK_STUCK = 'StaleWorkStuck';

/** Whether a cluster that is not READY is heard all the same: what it reports is current. */
export const isHeard = ({ reason }: { reason: string }): boolean =>
  reason === REMOVING_STALE_WORK || reason === STALE_WORK_STUCK;

/** @param said by its agent; empty: nothing */
export const unreachableMessage = (said: string): string =>
  `the agent cannot reach the cluster: ${said === '' ? 'its API does not answer' : said}`;

/** `READY`, `READY,SchedulingDisabled`. */
export function clusterWords({ metadata, spec, status }: Pick<Cluster, 'metadata' | 'spec' | 'status'>): string {
  const phase = metadata.deletionTimestamp === undefined ? (status?.phase ?? 'INIT') : 'DELETING';
  return (spec as Partial<Cluster['spec']> | undefined)?.unschedulable === true ? `${phase},SchedulingDisabled` : phase;
}
