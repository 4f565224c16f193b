/**
 * How long workloads waited, folded from the entries of the log with the times at which they were stored (one clock, the log's own):
 * per queue until all replicas had a place.
 *
 * A workload counts once, with its first placement: what is moved or scaled later is not a wait in a queue. One that is deleted before
 * it was placed has not waited to the end and counts nowhere.
 */
import { DEFAULT_QUEUE, type Entry } from '@skyflow/contracts';
import { evolveObjects } from '../objects/evolve-objects.js';
import type { EntryPlace, ObjectsState } from '../objects/objects-state.js';

interface Life {
  readonly queue: string;
  readonly submittedMs: number;
}

export interface SchedulingTimes {
  readonly objects: ObjectsState;
  /** By uid: those that have not got all their places yet. */
  readonly lives: Map<string, Life>;
  /** Since the last {@link takeWaits}, by queue, ms. */
  readonly waits: Map<string, number[]>;
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
      lives.set(uid, { queue: workload.facts.queue, submittedMs: Date.parse(creationTimestamp) });
    }
  }
  return { objects, lives, waits: new Map() };
}

/** Folds one entry that was stored at `atMs`. Changes `state`. */
export function evolveSchedulingTimes(state: SchedulingTimes, entry: Entry, place: EntryPlace, atMs: number): void {
  evolveObjects(state.objects, entry, place);
  switch (entry.type) {
    case 'ObjectCreated': {
      const { kind, metadata, spec } = entry.data.object as typeof entry.data.object & { spec?: { queue?: string } };
      if (kind !== 'Job' && kind !== 'Deployment') return;
      const queue = spec?.queue ?? DEFAULT_QUEUE;
      state.lives.set(metadata.uid, { queue, submittedMs: atMs });
      return;
    }
    case 'ObjectDeleted':
    case 'ObjectReleased':
      state.lives.delete(entry.data.ref.uid);
      return;
    case 'PlacementDecided':
      decided(state, entry.data, atMs);
      return;
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
  if (life === undefined || data.unplaced > 0) return;
  state.lives.delete(uid);
  const waited = Math.max(0, atMs - life.submittedMs);
  const waits = state.waits.get(life.queue);
  if (waits === undefined) state.waits.set(life.queue, [waited]);
  else waits.push(waited);
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
