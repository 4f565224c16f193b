/**
 * Takes history out of the log that an archive and a checkpoint have taken over. In steps, each of which may be the last:
 * the checkpoint is written and read back, the log names its new beginning (one change of the stream), and only then commits are removed.
 * Who finds the log between two steps sees the beginning that it names; the next purge removes what is left.
 *
 * The last commit of each subject stays, however old: writers name it. What {@link KEPT_SUBJECTS} hold stays, too.
 */
import { randomBytes } from 'node:crypto';
import { STREAM, decisionSubject } from '@skyflow/contracts';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Horizon } from '../event-log.js';
import { JetStreamApi } from '../jetstream/jetstream-api.js';
import type { StreamInfo } from '../jetstream/stream-setup.js';
import {
  type CheckpointPart,
  assembleCheckpoint,
  checkpointIndex,
  checkpointPiece,
  ensureCheckpointStream,
  removeOtherCheckpoints,
  writeCheckpoint,
} from './checkpoint-stream.js';
import { horizonOf, withHorizon } from './horizon.js';

/** Sealed states and kubeconfigs of clusters are read from here, as are their build logs: little, and never to be lost. */
const KEPT_SUBJECTS: ReadonlySet<string> = new Set([decisionSubject('provisioner')]);

export interface PurgeOptions {
  connection: NatsConnection;
  /** The commit that the log is to begin with. */
  seq: number;
  storedAt: number;
  /** Where older history is, for people. */
  archive: string;
  parts: readonly CheckpointPart[];
  /** What is needed of older commits as it is, by name. */
  kept: Iterable<readonly [string, unknown]>;
  /** Default SKYFLOW. */
  stream?: string;
}

export interface Purged {
  /** Commits and bytes that the log held before and holds now. */
  before: LogSize;
  after: LogSize;
}

export interface LogSize {
  commits: number;
  bytes: number;
}

interface SizedInfo extends StreamInfo {
  state: StreamInfo['state'] & { bytes: number };
}

/**
 * Makes `seq` the beginning of the log. Again with that at which it begins already: only the checkpoint is another, with what folds of other
 * versions made kept in it; so that services of the next version find what they need while those of this one still run.
 * @throws LogUnavailableError, JetStreamRefusal; the log is as before, or names its new beginning already. */
export async function purgeLog(options: PurgeOptions): Promise<Purged> {
  const { connection, seq, storedAt, archive, parts, kept, stream = STREAM } = options;
  const api = new JetStreamApi(connection);
  const info = await api.request<SizedInfo>(`STREAM.INFO.${stream}`);
  await ensureCheckpointStream(api, Number(info.config.num_replicas ?? 1));
  const checkpoint = `${String(seq).padStart(12, '0')}-${randomBytes(4).toString('hex')}`;
  const earlier = horizonOf(info.config);
  const all = async function* (): AsyncGenerator<CheckpointPart> {
    yield* parts;
    if (earlier?.seq === seq) yield* otherParts(api, earlier.checkpoint, parts);
  };
  const { parts: written } = await writeCheckpoint(api, checkpoint, seq, all(), kept);
  for (const key of written) await assembleCheckpoint(key, (piece) => checkpointPiece(api, checkpoint, key, piece));
  const metadata = withHorizon(info.config, { seq, storedAt, archive, checkpoint });
  await api.request(`STREAM.UPDATE.${stream}`, { ...info.config, metadata });
  await removePurged(connection, stream);
  await removeOtherCheckpoints(api, checkpoint);
  const { state } = await api.request<SizedInfo>(`STREAM.INFO.${stream}`);
  return { before: sizeOf(info), after: sizeOf({ state }) };
}

/** Removes commits before the beginning that the log names: what a purge that was broken off has left. False: it names none. */
export async function removePurged(connection: NatsConnection, stream: string = STREAM): Promise<boolean> {
  const api = new JetStreamApi(connection);
  const info = await api.request<StreamInfo>(`STREAM.INFO.${stream}`);
  const horizon = horizonOf(info.config);
  if (horizon === undefined) return false;
  for (const subject of await subjectsOf(api, stream)) {
    if (KEPT_SUBJECTS.has(subject)) continue;
    const last = await api.message(stream, { last_by_subj: subject });
    if (last === undefined) continue;
    // Up to, and without, this sequence.
    await api.carryOut(`STREAM.PURGE.${stream}`, { filter: subject, seq: Math.min(horizon.seq, last.seq) });
  }
  return true;
}

/** Of a log that may have begun later already. */
export async function horizonIn(connection: NatsConnection, stream: string = STREAM): Promise<Horizon | undefined> {
  return horizonOf((await new JetStreamApi(connection).request<StreamInfo>(`STREAM.INFO.${stream}`)).config);
}

/** Parts of a checkpoint that are not made anew. */
async function* otherParts(
  api: JetStreamApi,
  checkpoint: string,
  made: readonly CheckpointPart[],
): AsyncGenerator<CheckpointPart> {
  for (const { fold, cluster, pieces } of (await checkpointIndex(api, checkpoint)).parts) {
    if (made.some((each) => each.fold === fold && each.cluster === cluster)) continue;
    const bytes = async function* (): AsyncGenerator<Uint8Array[]> {
      for (let piece = 0; piece < pieces; piece++)
        yield [(await checkpointPiece(api, checkpoint, { fold, cluster }, piece)).data ?? new Uint8Array()];
    };
    yield { fold, ...(cluster === undefined ? {} : { cluster }), bytes: bytes() };
  }
}

/** The server gives them in pages. */
async function subjectsOf(api: JetStreamApi, stream: string): Promise<string[]> {
  const subjects: string[] = [];
  for (;;) {
    const { state, total = 0 } = await api.request<{ total?: number; state: { subjects?: Record<string, number> } }>(
      `STREAM.INFO.${stream}`,
      { subjects_filter: '>', offset: subjects.length },
    );
    const page = Object.keys(state.subjects ?? {});
    subjects.push(...page);
    if (page.length === 0 || subjects.length >= total) return subjects;
  }
}

const sizeOf = ({ state }: Pick<SizedInfo, 'state'>): LogSize => ({ commits: state.messages, bytes: state.bytes });
