/**
 * The state as plain data in pieces, and back. What follows from the rest is worked out anew, except the order of the undecided
 * and where replicas are packed on paper: those come from the order of the log, and decisions depend on them.
 *
 * `encodeScheduling` collects everything before its first piece, so that folding may go on between pieces.
 */
import type { NodeObservation, Position, StoredObject } from '@skyflow/contracts';
import { NO_DEPENDENCIES } from './dependencies.js';
import { addDependents } from './evolve-objects.js';
import type { OpenWait, WaitRecords } from './explain/wait-records.js';
import { refresh } from './membership.js';
import { fileDisplaced } from './moving/displaced.js';
import { fileStuck } from './moving/stuck.js';
import type { QueueRecord } from './queueing/queue-record.js';
import { account, startQueueing } from './queueing/queueing-state.js';
import { PLAIN_TERMS, type PriorityClassRecord, type QueueTerms, noteGoing } from './queueing/terms.js';
import { EntryOrigin } from './origin.js';
import { sharedReason } from './reasons.js';
import { newResourceColumns } from './resource-columns.js';
import { emptyRoom, repeatPacking } from './room.js';
import { shapeUsed } from './placement/evolve-workload-terms.js';
import { factsOf } from './placement/cluster-facts.js';
import type { PolicyRecord } from './placement/policies.js';
import { type ShapeData, dataOf, shapeKey, shapeOf } from './shape.js';
import { CollectedWorkloads, NUMBERS, type ShareRow, type SnapshotIndex, type WorkloadRow } from './snapshot-rows.js';
import {
  type ClusterRecord,
  NO_SHARES,
  type SchedulingState,
  type Share,
  type WorkloadRecord,
  initialScheduling,
} from './state.js';

const WORKLOADS_PER_PIECE = 500;

interface Header {
  position: Position;
  epoch: number;
  columns: string[];
  clusters: (Omit<ClusterRecord, 'nodes' | 'room' | 'shares' | 'facts'> & { nodes?: readonly NodeObservation[] })[];
  namespaces: { name: string; deleted: boolean; workloads: number; clusters: string[] }[];
  orphans: SchedulingState['orphans'] extends Map<string, infer O> ? [string, O][] : never;
  workEpochs: [string, number][];
  shapes: ShapeData[];
  policies: [namespace: string, PolicyRecord[]][];
  undecided: string[];
  improvedAt: Position;
  topologyAt: Position;
  queues: [string, QueueRecord][];
  priorityClasses: [string, PriorityClassRecord][];
  terms: Omit<QueueTerms, 'users' | 'going'>[];
  /** Null: queues are not used. */
  queueing: {
    revise: string[];
    changedAt: Position;
    freedAt: [string, Position][];
    takenAt: [number, Position][];
    /** Absent in snapshots of earlier versions. */
    grownAt?: [string, Position][];
  } | null;
  /** Absent in snapshots from before waits were kept. */
  waits?: { open: [string, OpenWait][]; ended: WaitRecords['ended'] };
  /** Pieces that follow. */
  dependencies: number;
  workloads: number;
}

export function* encodeScheduling(state: SchedulingState): Generator<unknown, void, undefined> {
  const shapes = new Map([...state.shapes.keys()].map((key, index) => [key, index]));
  const terms = new Map([...state.terms.values()].map((each, index) => [each, index]));
  const header = headerOf(state);
  const dependencies = [...state.dependencies];
  const numbers = new Float64Array(NUMBERS * state.workloads.size);
  const collected = collect(state, { shapes, terms }, numbers);
  try {
    yield header;
    for (const dependency of dependencies) yield dependency;
    // What is written goes: memory shrinks while a long snapshot is written.
    for (let next = collected.pop(); next !== undefined; next = collected.pop()) yield next.rows();
  } finally {
    // At once, not when garbage is collected next: it is tens of megabytes.
    numbers.buffer.transfer(0);
  }
}

/** In pieces, the last first. */
function collect(state: SchedulingState, index: SnapshotIndex, numbers: Float64Array): CollectedWorkloads[] {
  const pieces: CollectedWorkloads[] = [];
  const size = NUMBERS * WORKLOADS_PER_PIECE;
  let piece: CollectedWorkloads | undefined;
  for (const workload of state.workloads.values()) {
    if (piece === undefined || piece.size === WORKLOADS_PER_PIECE) {
      piece = new CollectedWorkloads(numbers.subarray(size * pieces.length, size * (pieces.length + 1)));
      pieces.push(piece);
    }
    piece.add(workload, index);
  }
  return pieces.reverse();
}

/** @throws Error if the pieces are not those of `encodeScheduling`; the version of the fold is what keeps that from happening. */
export async function decodeScheduling(pieces: AsyncIterable<unknown>): Promise<SchedulingState> {
  const iterator = pieces[Symbol.asyncIterator]();
  try {
    return await decode(async () => {
      const result = await iterator.next();
      if (result.done === true) throw new Error('the snapshot of the scheduling state ends too early');
      return result.value;
    });
  } finally {
    // Behind the last piece that is needed stands an open file.
    await iterator.return?.();
  }
}

async function decode(next: () => Promise<unknown>): Promise<SchedulingState> {
  const header = (await next()) as Header;
  const state = stateOf(header);
  const shapes = [...state.shapes.values()];
  const terms = [...state.terms.values()];
  for (let i = 0; i < header.dependencies; i++) {
    const [key, object] = (await next()) as [string, StoredObject];
    state.dependencies.set(key, object);
  }
  while (state.workloads.size < header.workloads) {
    for (const row of (await next()) as WorkloadRow[]) addWorkload(state, row, shapes, terms);
  }
  state.undecided = new Set(header.undecided);
  for (const workload of state.workloads.values()) refresh(state, workload);
  state.topologyAt = header.topologyAt;
  if (state.queueing !== undefined && header.queueing !== null) {
    state.queueing.revise = new Set(header.queueing.revise);
    state.queueing.changedAt = header.queueing.changedAt;
    state.queueing.freedAt = new Map(header.queueing.freedAt);
    state.queueing.takenAt = new Map(header.queueing.takenAt);
    state.queueing.grownAt = new Map(header.queueing.grownAt);
  }
  return state;
}

function headerOf(state: SchedulingState): Header {
  return {
    position: state.position,
    epoch: state.epoch,
    columns: [...state.columns.names],
    clusters: Array.from(state.clusters.values(), clusterData),
    namespaces: Array.from(state.namespaces, ([name, { deleted, workloads, clusters }]) => ({
      ...{ name, deleted, workloads },
      clusters: [...clusters],
    })),
    orphans: [...state.orphans],
    workEpochs: [...state.workEpochs],
    shapes: Array.from(state.shapes.values(), dataOf),
    policies: Array.from(state.policies, ([namespace, own]) => [namespace, [...own.values()]]),
    undecided: [...state.undecided],
    waits: { open: [...state.waits.open], ended: [...state.waits.ended] },
    improvedAt: state.improvedAt,
    topologyAt: state.topologyAt,
    queues: [...state.queues],
    priorityClasses: [...state.priorityClasses],
    terms: Array.from(state.terms.values(), ({ users: _users, going: _going, ...data }) => data),
    queueing:
      state.queueing === undefined
        ? null
        : {
            revise: [...state.queueing.revise],
            changedAt: state.queueing.changedAt,
            freedAt: [...state.queueing.freedAt],
            takenAt: [...state.queueing.takenAt],
            grownAt: [...state.queueing.grownAt],
          },
    dependencies: state.dependencies.size,
    workloads: state.workloads.size,
  };
}

function clusterData({
  nodes,
  room: _room,
  shares: _shares,
  facts: _facts,
  ...cluster
}: ClusterRecord): Header['clusters'][number] {
  return { ...cluster, ...(nodes !== undefined && { nodes }) };
}

function stateOf(header: Header): SchedulingState {
  const state = initialScheduling();
  const { position, epoch, improvedAt, topologyAt } = header;
  Object.assign(state, { position, epoch, improvedAt, topologyAt });
  state.columns = newResourceColumns(header.columns);
  for (const { nodes, ...cluster } of header.clusters) {
    const room = emptyRoom(nodes ?? [], state.columns);
    const facts = factsOf(cluster.declared, cluster.labels, nodes, cluster.kubernetesVersion);
    state.clusters.set(cluster.name, { ...cluster, nodes, room, facts, shares: new Set() });
  }
  for (const { name, deleted, workloads, clusters } of header.namespaces) {
    state.namespaces.set(name, { deleted, workloads, clusters: new Set(clusters) });
    if (deleted) state.deletedNamespaces.add(name);
  }
  for (const [namespace, own] of header.policies) {
    state.policies.set(namespace, new Map(own.map((policy) => [policy.name, policy])));
  }
  state.waits = { open: new Map(header.waits?.open), ended: header.waits?.ended ?? [] };
  state.orphans = new Map(header.orphans);
  state.workEpochs = new Map(header.workEpochs);
  state.queues = new Map(header.queues);
  state.priorityClasses = new Map(header.priorityClasses);
  for (const data of header.terms) state.terms.set(data.key, { ...data, users: 0, going: 0 });
  if (header.queueing !== null) startQueueing(state, header.queueing.changedAt);
  for (const data of header.shapes) {
    const key = shapeKey(data);
    const shape = shapeOf(data, key, state.columns);
    state.shapes.set(key, shape);
    shapeUsed(state, shape);
  }
  return state;
}

function addWorkload(
  state: SchedulingState,
  row: WorkloadRow,
  shapes: WorkloadRecord['shape'][],
  knownTerms: QueueTerms[],
): void {
  const [ref, createdAt, objectAt, object, generation, replicas, mode, completions, shapeIndex] = row;
  const [, , , , , , , , , dependencies, deleting, decision, shares, origin] = row;
  const [, , , , , , , , , , , , , , moves, rulesAt, labels, createdAtMs, termsIndex, claims] = row;
  const shape = shapes[shapeIndex];
  if (shape === undefined) throw new Error(`the snapshot of the scheduling state has no shape ${shapeIndex}`);
  shape.users++;
  const terms = knownTerms[termsIndex] ?? PLAIN_TERMS;
  if (terms !== PLAIN_TERMS) terms.users++;
  if (deleting > 0) noteGoing(terms);
  const workload: WorkloadRecord = {
    ref,
    object: object ?? undefined,
    heldObject: undefined,
    createdAt,
    objectAt,
    rulesAt,
    generation,
    labels: state.labelTexts.intern(labels),
    replicas,
    mode,
    completions: completions ?? undefined,
    shape,
    moves: moves ?? undefined,
    terms,
    createdAtMs,
    dependencies: dependencies.length === 0 ? NO_DEPENDENCIES : dependencies,
    deleting: deleting > 0,
    forced: deleting === 2,
    decision: decisionOf(decision),
    shares: shares.length === 0 ? NO_SHARES : shares.map(shareOf),
    origin: origin === null ? undefined : EntryOrigin.from(origin, state.originTexts),
    claims: claims ?? undefined,
    line: undefined,
    waitsIn: undefined,
  };
  state.workloads.set(ref.uid, workload);
  addDependents(state, workload);
  fileDisplaced(state, workload, undefined);
  fileStuck(state, workload);
  for (const share of workload.shares) {
    const cluster = state.clusters.get(share.cluster);
    cluster?.shares.add(ref.uid);
    if (cluster !== undefined) repeatPacking(cluster.room, shape.request, share.packing);
    account(state, workload, share.held);
  }
}

function decisionOf(row: WorkloadRow[11]): WorkloadRecord['decision'] {
  const decision = row ?? undefined;
  return decision && { ...decision, reason: sharedReason(decision.reason) };
}

const shareOf = (row: ShareRow): Share => {
  const [cluster, replicas, completions, decision, work, carried, finished, held, packing] = row;
  const [, , , , , , , , , ready, leaving, leavingUntilMs, eviction, stuck, reported] = row;
  return {
    ...{ cluster, replicas, decision, work, held, packing, ready, leaving, leavingUntilMs },
    eviction: eviction ?? undefined,
    stuck: stuck ?? undefined,
    reported: reported ?? undefined,
    completions: completions ?? undefined,
    carried: { decision: carried[0], replicas: carried[1], dependencies: carried[2] },
    finished: finished === 1,
  };
};
