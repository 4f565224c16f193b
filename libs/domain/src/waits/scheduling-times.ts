/**
 * How long workloads waited, folded from the entries of the log with the times at which they were stored (one clock, the log's own):
 * per queue until all replicas had a place, and for the whole system stage by stage from the submission until a cluster told of it.
 *
 * A workload counts once, with its first placement: what is moved or scaled later is not a wait in a queue. One that is deleted before
 * it was placed has not waited to the end and counts nowhere.
 */
import { DEFAULT_QUEUE, type Entry } from '@skyflow/contracts';
import { evolveObjects } from '../objects/evolve-objects.js';
import type { EntryPlace, ObjectsState } from '../objects/objects-state.js';

/** decided: submission → first decision; assigned: decision that placed it → work for a cluster; applied: work → a cluster's first word of it. */
export const schedulingStages = ['decided', 'assigned', 'applied'] as const;
export type SchedulingStage = (typeof schedulingStages)[number];

interface Life {
  readonly queue: string;
  readonly submittedMs: number;
  /** It was there before the fold began: when what happened to it first is not known. */
  readonly before: boolean;
  decidedMs?: number;
  placedMs?: number;
  assignedMs?: number;
  applied: boolean;
  admitted: boolean;
}

export interface SchedulingTimes {
  readonly objects: ObjectsState;
  /** By uid: those of which not everything is known yet. */
  readonly lives: Map<string, Life>;
  /** Since the last {@link takeWaits}, by queue, ms. */
  readonly waits: Map<string, number[]>;
  /** ms. */
  readonly stages: Readonly<Record<SchedulingStage, number[]>>;
}

/** Of a number of durations, ms; undefined where there were none. */
export interface Durations {
  readonly count: number;
  readonly medianMs?: number;
  readonly p95Ms?: number;
  readonly longestMs?: number;
}

/** Begins with what waits then. The objects are the caller's no more. */
export function beginSchedulingTimes(objects: ObjectsState): SchedulingTimes {
  const lives = new Map<string, Life>();
  for (const kind of ['Job', 'Deployment']) {
    for (const { uid, workload, creationTimestamp, deletedAt } of objects.table.ordered(kind)) {
      if (workload === undefined || deletedAt !== 0 || workload.decision?.unplaced === 0) continue;
      const { queue } = workload.facts;
      lives.set(uid, {
        queue,
        submittedMs: Date.parse(creationTimestamp),
        before: true,
        applied: false,
        admitted: false,
      });
    }
  }
  return { objects, lives, waits: new Map(), stages: { decided: [], assigned: [], applied: [] } };
}

/** Folds one entry that was stored at `atMs`. Changes `state`. */
export function evolveSchedulingTimes(state: SchedulingTimes, entry: Entry, place: EntryPlace, atMs: number): void {
  evolveObjects(state.objects, entry, place);
  switch (entry.type) {
    case 'ObjectCreated': {
      const { kind, metadata, spec } = entry.data.object as typeof entry.data.object & { spec?: { queue?: string } };
      if (kind !== 'Job' && kind !== 'Deployment') return;
      const queue = spec?.queue ?? DEFAULT_QUEUE;
      state.lives.set(metadata.uid, { queue, submittedMs: atMs, before: false, applied: false, admitted: false });
      return;
    }
    case 'ObjectDeleted':
    case 'ObjectReleased':
      state.lives.delete(entry.data.ref.uid);
      return;
    case 'PlacementDecided':
      decided(state, entry.data, atMs);
      return;
    case 'WorkAssigned': {
      const life = state.lives.get(entry.data.object.metadata.uid);
      if (life?.placedMs === undefined || life.assignedMs !== undefined) return;
      life.assignedMs = atMs;
      state.stages.assigned.push(between(life.placedMs, atMs));
      return;
    }
    case 'WorkObserved': {
      const { uid } = entry.data.ref;
      const life = state.lives.get(uid);
      if (life?.assignedMs === undefined || life.applied) return;
      life.applied = true;
      state.stages.applied.push(between(life.assignedMs, atMs));
      forget(state, uid, life);
      return;
    }
    default:
  }
}

function decided(
  state: SchedulingTimes,
  data: Extract<Entry, { type: 'PlacementDecided' }>['data'],
  atMs: number,
): void {
  const { uid } = data.ref;
  const life = state.lives.get(uid);
  if (life === undefined) return;
  if (life.decidedMs === undefined) {
    life.decidedMs = atMs;
    if (!life.before) state.stages.decided.push(between(life.submittedMs, atMs));
  }
  if (data.placements.length > 0 && life.placedMs === undefined) life.placedMs = atMs;
  if (data.unplaced > 0 || life.admitted) return;
  life.admitted = true;
  const waits = state.waits.get(life.queue);
  if (waits === undefined) state.waits.set(life.queue, [between(life.submittedMs, atMs)]);
  else waits.push(between(life.submittedMs, atMs));
  // Of what has no replicas nobody hears.
  if (data.placements.length === 0) state.lives.delete(uid);
  forget(state, uid, life);
}

/** All is known of it. */
function forget({ lives }: SchedulingTimes, uid: string, { admitted, applied }: Life): void {
  if (admitted && applied) lives.delete(uid);
}

/** How long those had waited that got their place since the last call, and how many wait now. Changes `state`. */
export function takeWaits(state: SchedulingTimes, queue: string): { waits: Durations; waiting: number } {
  const waits = durations(state.waits.get(queue) ?? []);
  state.waits.clear();
  return { waits, waiting: state.objects.queues.figures(queue).waiting };
}

/** Nearest-rank percentiles. */
export function durations(each: readonly number[]): Durations {
  const sorted = Float64Array.from(each).sort();
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  if (sorted.length === 0) return { count: 0 };
  return { count: sorted.length, medianMs: at(0.5), p95Ms: at(0.95), longestMs: at(1) };
}

/** A log's times may stand still, not go back; what was there before is known to the second only. */
const between = (fromMs: number, toMs: number): number => Math.max(0, toMs - fromMs);
