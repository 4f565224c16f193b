/**
 * Signs of life as the active scheduler hears them. Times are of the listener's own monotonic clock, so that neither a wrong clock
 * of an agent nor a jump of the wall clock can lose a cluster. Not part of the fold: a new scheduler listens anew.
 */
import { HEARTBEAT_INTERVAL_MS, type Heartbeat } from '@skyflow/contracts';

/**
 * Heartbeats older than this make a cluster SUSPECT. A process that stands still for five seconds, agent, nats-server or machine, misses
 * five or six heartbeats and must not be taken for lost: those come a second apart, and need their time on the way.
 */
export const SUSPECT_AFTER_MS = 7_000;
/** Heartbeats older than this make a cluster LOST: within 10 s of the last one, as health is looked at twice a second. */
export const LOST_AFTER_MS = 9_000;
/** A check that comes this late means that the listener itself had stopped: what it missed meanwhile says nothing. */
export const PAUSE_MS = 3_000;
/** Good heartbeats after which a cluster that came back and has not removed everything yet says what it is that stays. */
export const PATIENCE_BEATS = 60;
/** Good heartbeats in a row, each in time, before a cluster that was away is READY again. */
export const STEADY_BEATS = 3;
/** A heartbeat is in time when it comes within this of the one before. */
const IN_TIME_MS = 2.5 * HEARTBEAT_INTERVAL_MS;

export interface HeardBeat {
  uid: string;
  heardAtMs: number;
  reachable: boolean;
  message: string;
  /** Good ones in a row, each in time. */
  steady: number;
}

export interface Heartbeats {
  /** Since when nothing was missed. */
  listeningSinceMs: number;
  checkedAtMs: number;
  /** The last one by cluster. */
  heard: Map<string, HeardBeat>;
}

export const startListening = (nowMs: number): Heartbeats => ({
  listeningSinceMs: nowMs,
  checkedAtMs: nowMs,
  heard: new Map(),
});

/** Takes a heartbeat in. */
export function hear(
  heartbeats: Heartbeats,
  { cluster, uid, reachable, message = '' }: Heartbeat,
  nowMs: number,
): void {
  const before = heartbeats.heard.get(cluster);
  const goesOn = before?.uid === uid && nowMs - before.heardAtMs <= IN_TIME_MS;
  const steady = reachable ? (goesOn ? before.steady + 1 : 1) : 0;
  heartbeats.heard.set(cluster, { uid, heardAtMs: nowMs, reachable, message, steady });
}

/** To be called before each check, at least every PAUSE_MS: notices that the listener was stopped, and starts anew then. */
export function noteCheck(heartbeats: Heartbeats, nowMs: number): void {
  const gap = nowMs - heartbeats.checkedAtMs;
  if (gap > PAUSE_MS || gap < 0) heartbeats.listeningSinceMs = nowMs;
  heartbeats.checkedAtMs = nowMs;
}

/** How long a cluster has been silent while someone listened. */
export function silentForMs({ listeningSinceMs }: Heartbeats, beat: HeardBeat | undefined, nowMs: number): number {
  return nowMs - Math.max(listeningSinceMs, beat?.heardAtMs ?? listeningSinceMs);
}
