/** Snapshots of the read model: plain data in pieces of bounded size. Sums and caches are made again on the way back. */
import type { Position } from '@skyflow/contracts';
import type { RememberedRequest } from './idempotency.js';
import { addRecord } from './object-writes.js';
import { type RecordPiece, recordPiece, recordsOf } from './record-rows.js';
import { type ClusterSight, type ObjectsState, initialObjects } from './objects-state.js';

/** Records or keys per piece; a piece is at most a few hundred KiB. */
const PER_PIECE = 250;

type Piece =
  | { t: 'head'; position: Position; epochs: [string, number][]; sights: [string, ClusterSight][] }
  | RecordPiece
  | { t: 'keys'; keys: [string, RememberedRequest][] };

/** A consistent cut, although folding goes on between pieces: records are immutable, and their references are taken at once. */
export function* encodeObjects(state: ObjectsState): Iterable<unknown> {
  const all = [...state.table.all()];
  const known = [...state.idempotency];
  yield piece({ t: 'head', position: state.position, epochs: [...state.epochs], sights: [...state.sights] });
  for (const records of chunks(all)) yield recordPiece(records);
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
      for (const record of recordsOf(each, state)) addRecord(state, record);
      break;
    case 'keys':
      for (const [key, request] of each.keys) state.idempotency.set(key, request);
      break;
    default:
      throw new Error(`snapshot of the objects has a piece of unknown type ${JSON.stringify((each as Piece).t)}`);
  }
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
