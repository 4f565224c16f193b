/**
 * Checkpoints, kept in a stream beside the log: written whole under an id of their own before the log names them, so that one that was
 * broken off is never used.
 */
import {
  CHECKPOINT_STREAM,
  CHECKPOINT_SUBJECTS,
  checkpointKeptSubject,
  checkpointIndexSubject,
  checkpointPieceSubject,
  checkpointSubjects,
} from '@skyflow/contracts';
import { z } from 'zod';
import { type Checkpoint, type CheckpointKey, LogUnavailableError } from '../event-log.js';
import { JetStreamRefusal, errorCode, type JetStreamApi } from '../jetstream/jetstream-api.js';
import { findStream } from '../jetstream/stream-setup.js';
import { readSnapshot } from '../snapshots/snapshot-frames.js';

const indexSchema = z.object({
  /** Last commit that is in it. */
  seq: z.number(),
  parts: z.array(z.object({ fold: z.string(), cluster: z.string().optional(), pieces: z.number() })),
});
export type CheckpointIndex = z.infer<typeof indexSchema>;

/** A fold's snapshot as bytes. */
export interface CheckpointPart extends CheckpointKey {
  bytes: AsyncIterable<Uint8Array[]>;
}

/** As text of JetStream's API a piece is a third larger, and has to fit into a message. */
const PIECE_BYTES = 512 * 1024;
const WRITE_MS = 30_000;
const IN_FLIGHT = 64;
const WRITTEN_BEFORE: ReadonlySet<number> = new Set([errorCode.wrongLastSequence, errorCode.wrongLastSequenceUnknown]);

/** The stream for checkpoints, made if it is missing. */
export async function ensureCheckpointStream(api: JetStreamApi, replicas: number): Promise<void> {
  if ((await findStream(api, CHECKPOINT_STREAM)) !== undefined) return;
  await api.request(`STREAM.CREATE.${CHECKPOINT_STREAM}`, {
    name: CHECKPOINT_STREAM,
    description: 'SkyFlow: what takes the place of purged history',
    subjects: [...CHECKPOINT_SUBJECTS],
    storage: 'file',
    retention: 'limits',
    num_replicas: replicas,
    allow_direct: true,
  });
}

/** Writes parts, and what is kept as it is by its name, under a new id, and the index last. */
export async function writeCheckpoint(
  api: JetStreamApi,
  id: string,
  seq: number,
  parts: AsyncIterable<CheckpointPart> | Iterable<CheckpointPart>,
  kept: Iterable<readonly [string, unknown]>,
): Promise<CheckpointIndex> {
  const put = async (subject: string, bytes: Uint8Array | string): Promise<void> => {
    const options = { messageId: subject, lastSubjectSequence: 0, stream: CHECKPOINT_STREAM };
    try {
      await api.publish(subject, bytes, options, WRITE_MS);
    } catch (error) {
      // Nobody else has this id: it is there already, by a try whose acknowledgement was lost.
      if (!(error instanceof JetStreamRefusal && WRITTEN_BEFORE.has(error.code))) throw error;
    }
  };
  const index: CheckpointIndex = { seq, parts: [] };
  for await (const { fold, cluster, bytes } of parts) {
    const place = index.parts.length;
    let pieces = 0;
    for await (const chunks of bytes) {
      const chunk = Buffer.concat(chunks);
      for (let at = 0; at < chunk.byteLength; at += PIECE_BYTES)
        await put(checkpointPieceSubject(id, place, pieces++), chunk.subarray(at, at + PIECE_BYTES));
    }
    index.parts.push({ fold, ...(cluster === undefined ? {} : { cluster }), pieces });
  }
  let waiting: Promise<void>[] = [];
  for (const [name, value] of kept) {
    waiting.push(put(checkpointKeptSubject(id, name), JSON.stringify(value)));
    if (waiting.length < IN_FLIGHT) continue;
    await Promise.all(waiting);
    waiting = [];
  }
  await Promise.all(waiting);
  await put(checkpointIndexSubject(id), JSON.stringify(index));
  return index;
}

/** Removes all checkpoints but one, those that were broken off included. */
export async function removeOtherCheckpoints(api: JetStreamApi, kept: string): Promise<void> {
  const info = await api.request<{ state: { subjects?: Record<string, number> } }>(`STREAM.INFO.${CHECKPOINT_STREAM}`, {
    subjects_filter: CHECKPOINT_SUBJECTS[0],
  });
  const ids = new Set(Object.keys(info.state.subjects ?? {}).map((subject) => subject.split('.')[1] ?? ''));
  ids.delete(kept);
  for (const id of ids) await api.request(`STREAM.PURGE.${CHECKPOINT_STREAM}`, { filter: checkpointSubjects(id) });
}

/** @throws LogUnavailableError if there is no such checkpoint */
export async function checkpointIndex(api: JetStreamApi, id: string): Promise<CheckpointIndex> {
  const data = await messageOn(api, checkpointIndexSubject(id));
  if (data === undefined) {
    throw new LogUnavailableError(
      `checkpoint ${id} of the log is not in stream ${CHECKPOINT_STREAM}: restore the log from its archive (skyctl backup restore)`,
    );
  }
  return indexSchema.parse(JSON.parse(Buffer.from(data).toString('utf8')));
}

/** One piece of the fold's part, how many there are, and of which folds there is one where it has none. */
export async function checkpointPiece(
  api: JetStreamApi,
  id: string,
  { fold, cluster }: CheckpointKey,
  piece: number,
): Promise<{ data?: Uint8Array; pieces: number; seq: number; folds: string[] }> {
  const { seq, parts } = await checkpointIndex(api, id);
  const own = parts.filter((each) => each.cluster === cluster);
  const place = parts.findIndex((each) => each.cluster === cluster && each.fold === fold);
  const pieces = parts[place]?.pieces ?? 0;
  const folds = own.map((each) => each.fold);
  const data = piece < pieces ? await messageOn(api, checkpointPieceSubject(id, place, piece)) : undefined;
  return { ...(data === undefined ? {} : { data }), pieces, seq, folds };
}

/** @param next gives the pieces, from 0 on */
export async function assembleCheckpoint(
  { cluster }: CheckpointKey,
  next: (piece: number) => Promise<{ data?: Uint8Array; pieces: number; folds: readonly string[] }>,
): Promise<Checkpoint> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const { data, pieces, folds } = await next(chunks.length);
    if (data === undefined) return folds.length === 0 && cluster !== undefined ? { nothingBefore: true } : { folds };
    chunks.push(data);
    if (chunks.length >= pieces) return { snapshot: readSnapshot(Buffer.concat(chunks), 'the checkpoint of the log') };
  }
}

export async function keptIn(api: JetStreamApi, id: string, name: string): Promise<unknown> {
  const data = await messageOn(api, checkpointKeptSubject(id, name));
  return data === undefined ? undefined : (JSON.parse(Buffer.from(data).toString('utf8')) as unknown);
}

async function messageOn(api: JetStreamApi, subject: string): Promise<Uint8Array | undefined> {
  try {
    return (await api.message(CHECKPOINT_STREAM, { last_by_subj: subject }))?.data;
  } catch (error) {
    if (error instanceof JetStreamRefusal && error.code === errorCode.streamNotFound) return undefined;
    throw error;
  }
}
