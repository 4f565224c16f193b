/**
 * What would happen: a fork of the state into which a change is folded, and on which everything is decided that would be decided then, by
 * the same functions, until it comes to rest. The state itself is not changed.
 */
import {
  type Entry,
  type EntryData,
  type EntryType,
  type ObjectRef,
  type StoredObject,
  commandSubject,
  decisionSubject,
  entryVersion,
  observationSubject,
  workSubject,
} from '@skyflow/contracts';
import { decideRound } from './decide-round.js';
import type { PlacementDecision } from './decide-workload.js';
import type { Draft } from './draft.js';
import { evolveScheduling } from './evolve.js';
import { forkScheduling } from './fork.js';
import { actionFor } from './membership.js';
import { decideMoves } from './moving/decide-moves.js';
import type { SchedulingState, Share, WorkloadRecord } from './state.js';

export interface Change {
  objects: readonly StoredObject[];
  deleted: readonly ObjectRef[];
}

const EVERYTHING = Number.MAX_SAFE_INTEGER;
/** Turns after which a trial that does not come to rest is left as it is. */
const MOST_TURNS = 1_000;

export class Trial {
  readonly fork: SchedulingState;
  /** The last decision on each workload that was decided on. */
  readonly decisions = new Map<string, PlacementDecision>();
  /** Workloads that others were given the room of. */
  readonly displaced = new Set<string>();
  private entries = 0;

  /** `nowMs`: wall clock. `obedient`: clusters do at once what they are told, so that room comes free that they hold now. */
  constructor(
    state: SchedulingState,
    private nowMs: number,
    private readonly obedient = false,
  ) {
    this.fork = forkScheduling(state);
  }

  store({ objects, deleted }: Change): void {
    for (const object of objects) this.fold('ObjectCreated', { object }, commandSubject());
    for (const ref of deleted) this.fold('ObjectDeleted', { ref }, commandSubject());
  }

  /** Decides until nothing is left to decide at that time. Returns the uids of the workloads that were decided on. */
  rest(nowMs: number): Set<string> {
    this.nowMs = Math.max(this.nowMs, nowMs);
    const touched = new Set<string>();
    for (let isLeft = true, turns = 0; isLeft && turns < MOST_TURNS; turns++) {
      const { fork } = this;
      const moves = decideMoves(fork, { epoch: fork.epoch, nowMs: this.nowMs, shares: EVERYTHING });
      this.decided(moves);
      const limits = { epoch: fork.epoch, decisions: EVERYTHING, verdicts: 0, nowMs: this.nowMs };
      const placements = decideRound(fork, limits);
      this.decided(placements);
      for (const { data } of placements) {
        touched.add(data.ref.uid);
        this.decisions.set(data.ref.uid, data);
        for (const { ref } of data.displaces ?? []) this.displaced.add(ref.uid);
      }
      const gone = this.letGo();
      const obeyed = this.obedient && this.obey();
      isLeft = gone || obeyed || moves.length > 0 || placements.length > 0;
    }
    return touched;
  }

  fold<T extends EntryType>(type: T, data: EntryData<T>, subject: string): void {
    const entry = { type, v: entryVersion(type), at: this.nowMs, actor: 'trial', corr: 'trial', data } as Entry;
    const position = this.fork.position + 1;
    evolveScheduling(this.fork, entry, { position, subject, commitId: 'trial', index: this.entries++ });
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

  /** Every cluster that answers does what it is told. True: room came free by it. */
  private obey(): boolean {
    const { fork } = this;
    let hasFreed = false;
    for (const uid of [...fork.unissued]) {
      const workload = fork.workloads.get(uid);
      for (const share of [...(workload?.shares ?? [])]) {
        if (workload === undefined || fork.clusters.get(share.cluster)?.health.state !== 'READY') continue;
        const { held } = share;
        const action = actionFor(fork, workload, share);
        if (action === 'withdraw') this.withdraw(workload, share);
        else if (action === 'assign') this.assign(workload, share);
        if (share.held < held) hasFreed = true;
      }
    }
    return hasFreed;
  }

  private withdraw({ ref }: WorkloadRecord, { cluster, decision, carried }: Share): void {
    const epoch = Math.max(this.fork.epoch, this.fork.workEpochs.get(cluster) ?? 0);
    const data = { epoch, decision: Math.max(decision, carried.decision), ref };
    this.fold('WorkWithdrawn', data, workSubject(cluster));
    this.fold('WorkRemoved', { ref }, observationSubject(cluster));
  }

  /** The fold takes from the object no more than who it is. */
  private assign({ ref, generation }: WorkloadRecord, { cluster, decision, replicas, completions }: Share): void {
    const { kind, ...name } = ref;
    const object = { apiVersion: '', kind, metadata: { ...name, creationTimestamp: '' } };
    const epoch = Math.max(this.fork.epoch, this.fork.workEpochs.get(cluster) ?? 0);
    const data = { epoch, decision, generation, replicas, object, ...(completions !== undefined && { completions }) };
    this.fold('WorkAssigned', data, workSubject(cluster));
  }

  private decided(drafts: readonly Draft[]): void {
    for (const { type, data } of drafts) this.fold<EntryType>(type, data, decisionSubject('scheduler'));
  }
}

/** Replicas by cluster; `of` says which of a share count. */
export function replicasByCluster(
  { shares }: Pick<WorkloadRecord, 'shares'>,
  of: (share: Share) => number,
): Map<string, number> {
  return new Map(shares.filter((share) => of(share) > 0).map((share) => [share.cluster, of(share)]));
}

/** By how much `more` is above `less`, where it is. */
export const differences = (
  more: ReadonlyMap<string, number>,
  less: ReadonlyMap<string, number>,
): { cluster: string; replicas: number }[] =>
  [...more].flatMap(([cluster, replicas]) => {
    const above = replicas - (less.get(cluster) ?? 0);
    return above > 0 ? [{ cluster, replicas: above }] : [];
  });
