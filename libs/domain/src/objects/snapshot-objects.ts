/** Snapshots of the read model: plain data in pieces of bounded size. Sums and caches are made again on the way back. */
import type { Position, WorkloadKind } from '@skyflow/contracts';
import type { RememberedRequest } from './idempotency.js';
import type { ObjectRecord, ShareRecord, WorkloadFacts, WorkloadRecord } from './object-record.js';
import { addRecord } from './object-writes.js';
import { type ClusterSight, type ObjectsState, initialObjects } from './objects-state.js';

/** Records or keys per piece; a piece is at most a few hundred KiB. */
const PER_PIECE = 250;

type Piece =
  | { t: 'head'; position: Position; epochs: [string, number][]; sights: [string, ClusterSight][] }
  | { t: 'objects'; records: ObjectRecord[] }
  | { t: 'keys'; keys: [string, RememberedRequest][] };

/** A consistent cut, although folding goes on between pieces: records are immutable, and their references are taken at once. */
export function* encodeObjects(state: ObjectsState): Iterable<unknown> {
  const all = [...state.table.all()];
  const known = [...state.idempotency];
  yield piece({ t: 'head', position: state.position, epochs: [...state.epochs], sights: [...state.sights] });
  for (const records of chunks(all)) yield piece({ t: 'objects', records });
  for (const keys of chunks(known)) yield piece({ t: 'keys', keys });
}

/** @throws Error if a piece is none of ours; the caller then folds the log from its start. */
export async function decodeObjects(pieces: AsyncIterable<unknown>): Promise<ObjectsState> {
  const state = initialObjects();
  for await (const each of pieces) decodePiece(state, each as Piece);
  return state;
}

function decodePiece(state: ObjectsState, each: Piece): void {
  switch (each.t) {
    case 'head':
      state.position = each.position;
      for (const [subject, epoch] of each.epochs) state.epochs.set(subject, epoch);
      for (const [cluster, sight] of each.sights) state.sights.set(cluster, sight);
      break;
    case 'objects':
      for (const record of each.records) addRecord(state, restored(state, record));
      break;
    case 'keys':
      for (const [key, request] of each.keys) state.idempotency.set(key, request);
      break;
    default:
      throw new Error(`snapshot of the objects has a piece of unknown type ${JSON.stringify((each as Piece).t)}`);
  }
}

/** The record as the fold would have made it: every field there, equal texts shared. */
function restored(state: ObjectsState, record: ObjectRecord): ObjectRecord {
  const { texts } = state;
  return {
    apiVersion: texts.intern(record.apiVersion),
    kind: texts.intern(record.kind),
    namespace: texts.intern(record.namespace),
    name: record.name,
    uid: record.uid,
    creationTimestamp: texts.intern(record.creationTimestamp),
    generation: record.generation,
    position: record.position,
    specPosition: record.specPosition,
    deletedAt: record.deletedAt,
    released: record.released,
    meta: texts.intern(record.meta),
    managed: texts.intern(record.managed),
    body: texts.intern(record.body),
    workload: record.workload && {
      ...record.workload,
      facts: sharedFacts(state, record),
      decision: record.workload.decision && restoredDecision(state, record.workload.decision),
      shares: record.workload.shares.map((share) => restoredShare(state, share)),
    },
    observation: record.observation,
  };
}

const restoredShare = (state: ObjectsState, share: ShareRecord): ShareRecord => ({
  cluster: state.texts.intern(share.cluster),
  placed: share.placed,
  replicas: share.replicas,
  completions: share.completions,
  observed: share.observed && {
    ...share.observed,
    reason: share.observed.reason,
    message: share.observed.message,
  },
});

const restoredDecision = (
  { texts }: ObjectsState,
  decision: NonNullable<NonNullable<ObjectRecord['workload']>['decision']>,
): typeof decision => ({
  ...decision,
  reason: decision.reason === undefined ? undefined : texts.intern(decision.reason),
  message: decision.message === undefined ? undefined : texts.intern(decision.message),
});

function sharedFacts({ facts }: ObjectsState, { kind, body, workload }: ObjectRecord): WorkloadFacts {
  const { native, replicas, completions, requests } = (workload as WorkloadRecord).facts;
  const known = facts[kind as WorkloadKind].get(body);
  if (known !== undefined) return known;
  const made: WorkloadFacts = { native, replicas, completions, requests };
  facts[kind as WorkloadKind].set(body, made);
  return made;
}

function* chunks<T>(values: Iterable<T>): Iterable<T[]> {
  let chunk: T[] = [];
  for (const value of values) {
    chunk.push(value);
    if (chunk.length < PER_PIECE) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

const piece = (value: Piece): Piece => value;
