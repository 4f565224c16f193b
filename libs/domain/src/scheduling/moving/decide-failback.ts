/**
 * Replicas that had to leave a cluster go back when it has been well for long enough, as far as they fit: gracefully, and few at a time.
 * A cluster that comes and goes must be well for longer (setbacks.ts), so that nothing flaps with it.
 */
import type { EntryData } from '@skyflow/contracts';
import { lower } from '../division.js';
import type { Draft } from '../draft.js';
import { type ClusterRecord, type SchedulingState, type WorkloadRecord, inQueueOrderOf } from '../state.js';
import { DEFAULT_STABILIZATION_SECONDS, moveTerm } from './moving-rules.js';
import type { RoomElsewhere } from './room-elsewhere.js';
import { requiredCalmMs } from './setbacks.js';

/** Workloads that may be on their way at a time, for whatever reason, while replicas go back. */
export const FAILBACK_AT_ONCE = 20;
/** How long what goes back may stay where it is until its replacement is ready. */
const STAY_MS = 600_000;

type EvictedShare = EntryData<'EvictionDecided'>['shares'][number];

/** EvictionDecided by the cluster that replicas go back from, sorted by both names. */
export function decideFailback(
  state: SchedulingState,
  { epoch, nowMs }: { epoch: number; nowMs: number },
  room: () => RoomElsewhere,
): Draft<'EvictionDecided'>[] {
  const drafts: Draft<'EvictionDecided'>[] = [];
  let underWay = state.moving.size;
  for (const [name, uids] of [...state.displaced].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const cluster = state.clusters.get(name);
    if (cluster === undefined || !isOpen(cluster)) continue;
    const bySource = new Map<string, EvictedShare[]>();
    for (const workload of inQueueOrderOf(state, uids)) {
      if (underWay >= FAILBACK_AT_ONCE) break;
      if (!mayReturn(workload, cluster, nowMs)) continue;
      const wanted = workload.moves?.displaced?.find((each) => each.cluster === name)?.replicas ?? 0;
      const sources = workload.shares.filter((share) => share.cluster !== name);
      const away = sources.reduce((sum, share) => sum + share.replicas, 0);
      const back = room().takeOn(workload, name, Math.min(wanted, away));
      if (back === 0) continue;
      underWay++;
      for (const { share, replicas } of levelled(sources, back)) {
        const shares = bySource.get(share.cluster) ?? [];
        shares.push({ ref: workload.ref, replicas, to: name });
        bySource.set(share.cluster, shares);
      }
    }
    for (const [source, shares] of [...bySource].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const message = `${name} is there again, their replicas go back`;
      const data = { epoch, cluster: source, cause: 'Failback' as const, message, now: nowMs, until: nowMs + STAY_MS };
      drafts.push({ type: 'EvictionDecided', data: { ...data, shares }, origin: undefined });
    }
  }
  return drafts;
}

const isOpen = ({ deleting, unschedulable, health, built }: ClusterRecord): boolean =>
  !deleting && !unschedulable && built === undefined && health.state === 'READY';

function mayReturn(workload: WorkloadRecord, cluster: ClusterRecord, nowMs: number): boolean {
  const failback = moveTerm(workload, 'failback');
  if (failback?.mode === 'Never' || workload.deleting) return false;
  if (workload.shares.some((share) => share.eviction !== undefined || share.leaving > 0)) return false;
  const stabilizationMs = 1_000 * (failback?.stabilizationSeconds ?? DEFAULT_STABILIZATION_SECONDS);
  const calmSinceMs = Math.max(cluster.health.sinceMs, cluster.openSinceMs);
  return nowMs - calmSinceMs >= requiredCalmMs(cluster, stabilizationMs, nowMs);
}

/** Takes `back` replicas where most are. */
function levelled(
  sources: WorkloadRecord['shares'],
  back: number,
): { share: WorkloadRecord['shares'][number]; replicas: number }[] {
  const left = lower(
    sources.map((share) => share.replicas),
    back,
  );
  return sources
    .map((share, index) => ({ share, replicas: share.replicas - (left[index] ?? 0) }))
    .filter(({ replicas }) => replicas > 0);
}
