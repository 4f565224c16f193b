/**
 * Health of member clusters from their agents' heartbeats.
 *
 * INIT → READY on the first good heartbeat once the agent has reported its nodes. A heartbeat that says unreachable →
 * UNREACHABLE. Silence → SUSPECT, then LOST; a cluster that was away is READY again after STEADY_BEATS good ones in a row, so
 * that a bad line does not make it flap. Nothing is concluded from silence before LOST_AFTER_MS (or SUSPECT_AFTER_MS) of
 * listening: a scheduler that just started, or was paused, first listens.
 */
import type { ClusterHealth } from '@skyflow/contracts';
import type { Draft } from './draft.js';
import {
  type HeardBeat,
  type Heartbeats,
  LOST_AFTER_MS,
  STEADY_BEATS,
  SUSPECT_AFTER_MS,
  silentForMs,
} from './heartbeats.js';
import type { ClusterRecord, SchedulingState } from './state.js';

/** ClusterHealthDecided for every cluster whose health changed, sorted by name. */
export function decideHealth(
  state: SchedulingState,
  heartbeats: Heartbeats,
  nowMs: number,
  epoch: number,
): Draft<'ClusterHealthDecided'>[] {
  const drafts: Draft<'ClusterHealthDecided'>[] = [];
  for (const cluster of [...state.clusters.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const beat = heartbeats.heard.get(cluster.name);
    const verdict = judge(cluster, beat?.uid === cluster.uid ? beat : undefined, heartbeats, nowMs);
    if (verdict === undefined || verdict.state === cluster.health.state) continue;
    const { name, uid } = cluster;
    drafts.push({ type: 'ClusterHealthDecided', data: { epoch, cluster: name, uid, ...verdict }, origin: undefined });
  }
  return drafts;
}

interface Verdict {
  state: ClusterHealth;
  reason: string;
  message: string;
}

/** The health that a cluster should have, or undefined if nothing can be said. */
function judge(
  { health, nodes }: ClusterRecord,
  beat: HeardBeat | undefined,
  heartbeats: Heartbeats,
  nowMs: number,
): Verdict | undefined {
  if (health.state === 'INIT' && beat === undefined) return undefined;
  const silentMs = silentForMs(heartbeats, beat, nowMs);
  if (silentMs >= LOST_AFTER_MS) return silence('LOST', silentMs);
  if (silentMs >= SUSPECT_AFTER_MS) {
    return health.state === 'READY' || health.state === 'UNREACHABLE' ? silence('SUSPECT', silentMs) : undefined;
  }
  if (beat === undefined || beat.heardAtMs < heartbeats.listeningSinceMs) return undefined;
  if (!beat.reachable) {
    const said = beat.message === '' ? 'its API does not answer' : beat.message;
    return { state: 'UNREACHABLE', reason: 'ApiUnreachable', message: `the agent cannot reach the cluster: ${said}` };
  }
  if (nodes === undefined) return undefined;
  const wasAway = health.state !== 'INIT' && health.state !== 'READY';
  if (wasAway && beat.steady < STEADY_BEATS) return undefined;
  return { state: 'READY', reason: 'AgentAlive', message: 'the agent reports and the cluster answers' };
}

const silence = (state: 'LOST' | 'SUSPECT', silentMs: number): Verdict => ({
  state,
  reason: 'NoHeartbeat',
  message: `no heartbeat of the agent for ${Math.floor(silentMs / 1000)} s`,
});
