/**
 * Whether a cluster can be seen now: by what was decided about its health, and by the heartbeats that this process hears itself.
 * Heartbeats are not in the log; without them a status that says RUNNING would outlive the cluster until the scheduler notices.
 */
import { type Position, type ResourceList, toResourceVersion } from '@skyflow/contracts';
import { isHeard } from './cluster-words.js';
import type { ObjectRecord } from './object-record.js';
import type { ClusterSight, ClusterSights } from './objects-state.js';
import type { Sighting } from './workload-phase.js';

/** What the reader knows that the log does not. */
export interface Liveness {
  /** When it reads, ms since the epoch. */
  readonly nowMs: number;
  /** Last heartbeat of the agent of this Cluster object; undefined: none was heard yet. */
  lastHeartbeatMs(cluster: string, uid: string): number | undefined;
  /** Since when this process would have heard heartbeats, ms since the epoch. */
  readonly listeningSinceMs: number;
  /** What SkyFlow's own pods take of each node, as its agent counted last; undefined: it has not told yet. */
  nodeUsage?(cluster: string, uid: string): NodeUsage | undefined;
  /** Silence after which a cluster is not taken for alive. */
  readonly staleAfterMs: number;
}

export interface NodeUsage {
  /** When it was counted, ms since the epoch. */
  readonly atMs: number;
  readonly requested: ReadonlyMap<string, ResourceList>;
}

/** RFC 3339 in whole seconds, as Kubernetes writes times. */
export function timestamp(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== latest.second) latest = { second, text: `${new Date(second * 1000).toISOString().slice(0, 19)}Z` };
  return latest.text;
}
/** Most times that are written are of the same second as the one before. */
let latest = { second: Number.NaN, text: '' };

export function sightingOf(cluster: string, sight: ClusterSight | undefined, liveness: Liveness): Sighting {
  if (sight === undefined) {
    return { seen: false, reason: 'ClusterNotReady', message: `${cluster} has not reported yet` };
  }
  if (sight.health !== 'READY' && !isHeard(sight)) {
    const message = `${cluster} is ${sight.health} since ${timestamp(sight.at)}: ${sight.message}`;
    return { seen: false, reason: `Cluster${titled(sight.health)}`, message };
  }
  const silentSince = heartbeatsMissingSince(cluster, sight.uid, liveness);
  if (silentSince === undefined) return { seen: true };
  return {
    seen: false,
    reason: 'HeartbeatsMissing',
    message: `no heartbeat from ${cluster} since ${timestamp(silentSince)}; what it last said is not shown as current`,
  };
}

/** Since when heartbeats stay away, or undefined if they come. */
export function heartbeatsMissingSince(cluster: string, uid: string, liveness: Liveness): number | undefined {
  const last = Math.max(liveness.lastHeartbeatMs(cluster, uid) ?? 0, liveness.listeningSinceMs);
  return liveness.nowMs - last > liveness.staleAfterMs ? last : undefined;
}

/** resourceVersion of an object: of its last entry, or of the last change in the health of a cluster that its status speaks of. */
export function versionOf(record: ObjectRecord, sights: ClusterSights): string {
  let position: Position = record.position;
  for (const share of record.workload?.shares ?? []) {
    position = Math.max(position, sights.get(share.cluster)?.position ?? 0);
  }
  return toResourceVersion(position);
}

const titled = (word: string): string => word.charAt(0) + word.slice(1).toLowerCase();
