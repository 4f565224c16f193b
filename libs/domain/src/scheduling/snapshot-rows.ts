/**
 * Workloads as they are at one moment, to be written into a snapshot later, while folding goes on: what can change in place is copied,
 * numbers into a typed array, and made into rows piece by piece. As rows at once a million of them would take half as much memory
 * again as the state itself.
 */
import type { ObjectRef, Placement, Position, StoredObject } from '@skyflow/contracts';
import { originData } from './origin.js';
import type { QueueTerms } from './queueing/terms.js';
import type { Origin, Share, WorkloadRecord } from './state.js';

export type ShareRow = [
  cluster: string,
  replicas: number,
  completions: number | null,
  decision: Position,
  work: Share['work'],
  carried: [decision: Position, replicas: number, dependencies: string],
  finished: 0 | 1,
  held: number,
  packing: number[],
  ready: number,
  leaving: number,
  leavingUntilMs: number,
  eviction: Share['eviction'] | null,
  stuck: Share['stuck'] | null,
  reported: Share['reported'] | null,
];

export type WorkloadRow = [
  ref: ObjectRef,
  createdAt: Position,
  objectAt: Position,
  object: StoredObject | null,
  generation: number,
  replicas: number,
  mode: WorkloadRecord['mode'],
  completions: number | null,
  shape: number,
  dependencies: readonly string[],
  deleting: 0 | 1 | 2,
  decision: WorkloadRecord['decision'] | null,
  shares: ShareRow[],
  origin: Origin | null,
  moves: WorkloadRecord['moves'] | null,
  rulesAt: Position,
  labels: string,
  createdAtMs: number,
  /** -1: plain. */
  terms: number,
  claims: readonly Placement[] | null,
];

/** Where shapes and terms stand in the snapshot. */
export interface SnapshotIndex {
  shapes: ReadonlyMap<string, number>;
  terms: ReadonlyMap<QueueTerms, number>;
}

/** Numbers that are kept of a workload. */
export const NUMBERS = 8;

/** Some workloads; rows of them are made once. */
export class CollectedWorkloads {
  private readonly refs: ObjectRef[] = [];
  private readonly modes: WorkloadRecord['mode'][] = [];
  private readonly deleting: (0 | 1 | 2)[] = [];
  private readonly decisions: WorkloadRecord['decision'][] = [];
  private readonly origins: (Origin | undefined)[] = [];
  private readonly labels: string[] = [];
  private readonly dependencies: (readonly string[])[] = [];
  private readonly shares: ShareRow[][] = [];
  /** What few have, by index. */
  private readonly completions = new Map<number, number>();
  private readonly objects = new Map<number, StoredObject>();
  private readonly moves = new Map<number, WorkloadRecord['moves']>();
  private readonly claims = new Map<number, readonly Placement[]>();

  /** @param numbers where theirs are put */
  constructor(private readonly numbers: Float64Array) {}

  get size(): number {
    return this.refs.length;
  }

  add(workload: WorkloadRecord, { shapes, terms }: SnapshotIndex): void {
    const at = this.refs.push(workload.ref) - 1;
    const { createdAt, objectAt, generation, replicas, rulesAt, createdAtMs } = workload;
    const shape = shapes.get(workload.shape.key) ?? 0;
    const values = [createdAt, objectAt, generation, replicas, rulesAt, createdAtMs, shape];
    this.numbers.set(values, NUMBERS * at);
    this.numbers[NUMBERS * at + values.length] = terms.get(workload.terms) ?? -1;
    this.modes.push(workload.mode);
    this.deleting.push(workload.forced ? 2 : workload.deleting ? 1 : 0);
    this.decisions.push(workload.decision);
    this.origins.push(workload.origin);
    this.labels.push(workload.labels);
    this.dependencies.push(workload.dependencies);
    this.shares.push(workload.shares.length === 0 ? NO_ROWS : workload.shares.map(shareRow));
    if (workload.completions !== undefined) this.completions.set(at, workload.completions);
    if (workload.object !== undefined) this.objects.set(at, workload.object);
    if (workload.moves !== undefined) this.moves.set(at, workload.moves);
    if (workload.claims !== undefined) this.claims.set(at, workload.claims);
  }

  rows(): WorkloadRow[] {
    return this.refs.map((ref, at) => this.row(ref, at));
  }

  private row(ref: ObjectRef, at: number): WorkloadRow {
    const origin = this.origins[at];
    const [
      createdAt = 0,
      objectAt = 0,
      generation = 0,
      replicas = 0,
      rulesAt = 0,
      createdAtMs = 0,
      shape = 0,
      terms = 0,
    ] = this.numbers.subarray(NUMBERS * at, NUMBERS * (at + 1));
    return [
      ref,
      createdAt,
      objectAt,
      this.objects.get(at) ?? null,
      generation,
      replicas,
      this.modes[at] ?? 'service',
      this.completions.get(at) ?? null,
      shape,
      this.dependencies[at] ?? [],
      this.deleting[at] ?? 0,
      this.decisions[at] ?? null,
      this.shares[at] ?? NO_ROWS,
      origin === undefined ? null : originData(origin),
      this.moves.get(at) ?? null,
      rulesAt,
      this.labels[at] ?? '',
      createdAtMs,
      terms,
      this.claims.get(at) ?? null,
    ];
  }
}

const NO_ROWS: ShareRow[] = [];

const shareRow = (share: Share): ShareRow => [
  share.cluster,
  share.replicas,
  share.completions ?? null,
  share.decision,
  share.work,
  [share.carried.decision, share.carried.replicas, share.carried.dependencies],
  share.finished ? 1 : 0,
  share.held,
  share.packing.slice(),
  share.ready,
  share.leaving,
  share.leavingUntilMs,
  share.eviction ?? null,
  share.stuck ?? null,
  share.reported ?? null,
];
