/**
 * Health of member clusters from their agents' heartbeats.
 *
 * INIT → READY on the first good heartbeat once the agent has reported its nodes. A heartbeat that says unreachable →
 * UNREACHABLE. Silence → SUSPECT, then LOST; a cluster that was away is READY again after STEADY_BEATS good ones in a row, so
 * that a bad line does not make it flap, and once it has removed what was withdrawn meanwhile: it gets no new work while stale copies are
 * there, however long that takes. After PATIENCE_BEATS something there keeps them (a finalizer): then it says which they are. Nothing is
 * concluded from silence before LOST_AFTER_MS (or SUSPECT_AFTER_MS) of listening: a scheduler that just started, or was paused, first listens.
 */
import type { ClusterHealth, ObjectRef } from '@skyflow/contracts';
import { REMOVING_STALE_WORK, STALE_WORK_STUCK, unreachableMessage } from '../objects/cluster-words.js';
import type { Draft } from './draft.js';
import {
  type HeardBeat,
  type Heartbeats,
  LOST_AFTER_MS,
  PATIENCE_BEATS,
  STEADY_BEATS,
  SUSPECT_AFTER_MS,
  silentForMs,
} from './heartbeats.js';
import { type ClusterRecord, type SchedulingState, isWanted, shareOn } from './state.js';

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
    const own = beat?.uid === cluster.uid ? beat : undefined;
    const verdict = isAway(state, cluster)
      ? NOT_THERE
      : (judge(cluster, own, heartbeats, nowMs) ?? returning(state, cluster, own, heartbeats, nowMs));
    if (verdict === undefined || isSame(verdict, cluster.health)) continue;
    const { name, uid } = cluster;
    drafts.push({ type: 'ClusterHealthDecided', data: { epoch, cluster: name, uid, ...verdict }, origin: undefined });
  }
  return drafts;
}

/** It is stopped and has nothing of ours: nobody expects its agent to say anything. What is there all the same is judged like the rest. */
const isAway = (state: SchedulingState, { name, built, shares }: ClusterRecord): boolean =>
  built?.phase === 'STOPPED' &&
  [...shares].every((uid) => {
    const workload = state.workloads.get(uid);
    const share = workload === undefined ? undefined : shareOn(workload, name);
    return share === undefined || share.finished || share.replicas === 0;
  });

interface Verdict {
  state: ClusterHealth;
  reason: string;
  message: string;
}

const NOT_THERE: Verdict = { state: 'INIT', reason: 'Stopped', message: 'it is stopped: no agent is there' };

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
    return { state: 'UNREACHABLE', reason: 'ApiUnreachable', message: unreachableMessage(beat.message) };
  }
  if (nodes === undefined) return undefined;
  return health.state === 'INIT' || health.state === 'READY' ? READY : undefined;
}

/** The way back of a cluster that was away: steady heartbeats, then nothing left of what must not be there. */
function returning(
  state: SchedulingState,
  cluster: ClusterRecord,
  beat: HeardBeat | undefined,
  heartbeats: Heartbeats,
  nowMs: number,
): Verdict | undefined {
  if (cluster.health.state === 'INIT' || beat === undefined || cluster.nodes === undefined) return undefined;
  const isHeard =
    beat.heardAtMs >= heartbeats.listeningSinceMs && silentForMs(heartbeats, beat, nowMs) < SUSPECT_AFTER_MS;
  if (!isHeard || beat.steady < STEADY_BEATS) return undefined;
  const stale = staleWorkloads(state, cluster);
  if (stale.length === 0) return READY;
  return beat.steady < PATIENCE_BEATS ? removing(stale) : stuck(stale);
}

const removing = (stale: readonly ObjectRef[]): Verdict => ({
  state: 'SUSPECT',
  reason: REMOVING_STALE_WORK,
  message: `the agent is back and removes what was placed elsewhere or deleted meanwhile (${stale.length} workloads when it came)`,
});

const stuck = (stale: readonly ObjectRef[]): Verdict => ({
  state: 'SUSPECT',
  reason: STALE_WORK_STUCK,
  message:
    `stale copies of ${namesOf(stale)} are still there: something keeps them on the cluster. It gets no new work before they are gone; ` +
    'look there for objects with a deletionTimestamp and take away what their finalizers wait for',
});

/** As many as a person reads. */
const NAMED = 3;

function namesOf(refs: readonly ObjectRef[]): string {
  const names = refs.slice(0, NAMED).map(({ kind, namespace = 'default', name }) => `${kind} ${namespace}/${name}`);
  return refs.length > NAMED ? `${names.join(', ')} and others` : names.join(', ');
}

/** Workloads that the cluster was told to remove, or must be told to, and has not reported as removed; by name. */
function staleWorkloads(state: SchedulingState, cluster: ClusterRecord): ObjectRef[] {
  const stale: ObjectRef[] = [];
  for (const uid of cluster.shares) {
    const workload = state.workloads.get(uid);
    const share = workload === undefined ? undefined : shareOn(workload, cluster.name);
    if (workload === undefined || share === undefined || share.work === 'none') continue;
    if (share.work === 'withdrawing' || !isWanted(state, workload, share)) stale.push(workload.ref);
  }
  return stale.sort(byName);
}

const byName = (a: ObjectRef, b: ObjectRef): number =>
  a.name === b.name ? (a.uid < b.uid ? -1 : 1) : a.name < b.name ? -1 : 1;

/** The number of what is still to be removed goes down, that is no news; who stays is. */
function isSame({ state, reason, message }: Verdict, health: ClusterRecord['health']): boolean {
  if (state !== health.state) return false;
  if (state !== 'SUSPECT') return true;
  return reason === health.reason && (reason !== STALE_WORK_STUCK || message === health.message);
}

const READY: Verdict = {
  state: 'READY',
  reason: 'AgentAlive',
  message: 'the agent reports and the cluster answers',
};

const silence = (state: 'LOST' | 'SUSPECT', silentMs: number): Verdict => ({
  state,
  reason: 'NoHeartbeat',
  message: `no heartbeat of the agent for ${Math.floor(silentMs / 1000)} s`,
});
