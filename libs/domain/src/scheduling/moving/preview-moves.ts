/**
 * What a change would move: the change folded into a fork of the state, and everything decided on it that would be decided then, by the
 * same functions, until it comes to rest. Replacements count as ready at once. The state is not changed.
 */
import {
  type Entry,
  type EntryData,
  type EntryType,
  type MovePreview,
  type ObjectRef,
  type PreviewedMove,
  type StoredObject,
  commandSubject,
  decisionSubject,
} from '@skyflow/contracts';
import { decideRound } from '../decide-round.js';
import type { Draft } from '../draft.js';
import { evolveScheduling } from '../evolve.js';
import { forkScheduling } from '../fork.js';
import { type SchedulingState, type WorkloadRecord, wantedReplicas } from '../state.js';
import { decideMoves } from './decide-moves.js';

export interface PreviewedChange {
  objects: readonly StoredObject[];
  deleted: readonly ObjectRef[];
}

/** A change that moves more than this share of all replicas, and more than so many, is objected to. */
export const OBJECT_ABOVE_SHARE = 0.5;
export const OBJECT_ABOVE_REPLICAS = 10;

const EVERYTHING = Number.MAX_SAFE_INTEGER;

/** `nowMs`: wall clock. `most`: moves that are listed. */
export function previewMoves(
  state: SchedulingState,
  change: PreviewedChange,
  { nowMs, most }: { nowMs: number; most: number },
): MovePreview {
  const trial = new Trial(state, nowMs);
  trial.store(change);
  const atOnce = trial.rest(nowMs);
  const atEnd = trial.rest(graceEndMs(trial.fork, nowMs));
  const uids = new Set([...atOnce, ...atEnd]);
  const moves = [...uids].flatMap(
    (uid) => moveOf(state.workloads.get(uid), trial.fork.workloads.get(uid), atOnce) ?? [],
  );
  const sum = (of: (move: PreviewedMove) => number): number => moves.reduce((total, move) => total + of(move), 0);
  const replicas = sum(({ from }) => from.reduce((total, share) => total + share.replicas, 0));
  const placed = placedReplicas(state);
  const waiting = sum((move) => move.waiting);
  const objection = objectionTo(replicas, waiting, placed);
  return {
    position: state.position,
    moves: moves.sort(byName).slice(0, most),
    ...{ workloads: moves.length, replicas, waiting, placed },
    ...(objection !== undefined && { objection }),
  };
}

class Trial {
  readonly fork: SchedulingState;
  private entries = 0;

  constructor(
    state: SchedulingState,
    private nowMs: number,
  ) {
    this.fork = forkScheduling(state);
  }

  store({ objects, deleted }: PreviewedChange): void {
    for (const object of objects) this.fold('ObjectUpdated', { object, expect: 0 }, commandSubject());
    for (const ref of deleted) this.fold('ObjectDeleted', { ref }, commandSubject());
  }

  /** Decides until nothing is left to decide at that time. Returns the uids of the workloads that were decided on. */
  rest(nowMs: number): Set<string> {
    this.nowMs = Math.max(this.nowMs, nowMs);
    const touched = new Set<string>();
    for (let isLeft = true; isLeft;) {
      const { fork } = this;
      const moves = decideMoves(fork, { epoch: fork.epoch, nowMs: this.nowMs, shares: EVERYTHING });
      this.decided(moves);
      const placements = decideRound(fork, { epoch: fork.epoch, decisions: EVERYTHING, verdicts: 0 });
      this.decided(placements);
      for (const { data } of placements) touched.add(data.ref.uid);
      isLeft = this.letGo() || moves.length > 0 || placements.length > 0;
    }
    return touched;
  }

  /** Replacements are ready: what leaves is gone. */
  private letGo(): boolean {
    const leaving = [...this.fork.moving].flatMap((uid) => this.fork.workloads.get(uid) ?? []);
    for (const { ref, shares } of leaving) {
      for (const { cluster } of shares.filter((share) => share.leaving > 0)) {
        const data = { epoch: this.fork.epoch, cluster, now: this.nowMs, shares: [{ ref, leaving: 0 }] };
        this.fold('EvictionProgressed', data, decisionSubject('scheduler'));
      }
    }
    return leaving.length > 0;
  }

  private decided(drafts: readonly Draft[]): void {
    for (const { type, data } of drafts) this.fold<EntryType>(type, data, decisionSubject('scheduler'));
  }

  private fold<T extends EntryType>(type: T, data: EntryData<T>, subject: string): void {
    const entry = { type, v: 1, at: this.nowMs, actor: 'preview', corr: 'preview', data } as Entry;
    const position = this.fork.position + 1;
    evolveScheduling(this.fork, entry, { position, subject, commitId: 'preview', index: this.entries++ });
  }
}

/** When the last of the drains that are under way ends. */
function graceEndMs({ clusters }: SchedulingState, nowMs: number): number {
  let end = nowMs;
  for (const { drain } of clusters.values())
    if (drain !== undefined) end = Math.max(end, drain.sinceMs + drain.graceMs);
  return end;
}

function moveOf(
  before: WorkloadRecord | undefined,
  after: WorkloadRecord | undefined,
  atOnce: ReadonlySet<string>,
): PreviewedMove | undefined {
  if (before === undefined) return undefined;
  const had = replicasByCluster(before, wantedReplicas);
  const has = after === undefined ? new Map<string, number>() : replicasByCluster(after, (share) => share.replicas);
  const from = differences(had, has);
  if (from.length === 0) return undefined;
  const { kind, namespace, name, uid } = before.ref;
  const waiting = Math.max(0, (after?.decision?.unplaced ?? 0) - (before.decision?.unplaced ?? 0));
  return {
    ...{ kind, name, from, waiting },
    ...(namespace !== undefined && { namespace }),
    to: differences(has, had),
    ...(waiting > 0 && after?.decision?.reason !== undefined && { message: after.decision.reason }),
    when: atOnce.has(uid) ? 'now' : 'grace',
  };
}

function replicasByCluster(
  { shares }: WorkloadRecord,
  of: (share: WorkloadRecord['shares'][number]) => number,
): Map<string, number> {
  return new Map(shares.filter((share) => of(share) > 0).map((share) => [share.cluster, of(share)]));
}

/** By how much `more` is above `less`, where it is. */
const differences = (
  more: ReadonlyMap<string, number>,
  less: ReadonlyMap<string, number>,
): { cluster: string; replicas: number }[] =>
  [...more].flatMap(([cluster, replicas]) => {
    const above = replicas - (less.get(cluster) ?? 0);
    return above > 0 ? [{ cluster, replicas: above }] : [];
  });

function placedReplicas({ clusters, workloads }: SchedulingState): number {
  let sum = 0;
  for (const { name, shares } of clusters.values()) {
    for (const uid of shares) {
      const share = workloads.get(uid)?.shares.find(({ cluster }) => cluster === name);
      if (share?.finished === false) sum += share.replicas;
    }
  }
  return sum;
}

function objectionTo(replicas: number, waiting: number, placed: number): string | undefined {
  if (waiting > 0) return `${waiting} of ${replicas} replicas would find no other place and would wait`;
  if (replicas <= OBJECT_ABOVE_REPLICAS || replicas <= OBJECT_ABOVE_SHARE * placed) return undefined;
  return `${replicas} of all ${placed} replicas would move, more than ${100 * OBJECT_ABOVE_SHARE} %`;
}

const byName = (a: PreviewedMove, b: PreviewedMove): number => {
  const [left, right] = [a, b].map(({ kind, namespace = '', name }) => `${namespace}/${kind}/${name}`);
  return (left ?? '') < (right ?? '') ? -1 : 1;
};
