/**
 * Start-up checks: the server is recent enough and has JetStream, and the stream is exactly as the log needs it. Older servers ignore
 * settings they do not know instead of refusing them, so the configuration that the server returns is compared, never assumed.
 */
import { STREAM_SUBJECTS } from '@skyflow/contracts';
import { LogSetupError, LogUnavailableError } from '../event-log.js';
import { BORN_AT } from '../levels/level-in-force.js';
import { readingLevel } from '../levels/reading-level.js';
import type { StreamCluster } from './led-stream.js';
import { JetStreamRefusal, errorCode, isNoResponders, type JetStreamApi } from './jetstream-api.js';

export const MINIMUM_SERVER_VERSION = '2.10.0';

/** How long commit ids are remembered by the server: a retry within it is stored once. */
const DUPLICATE_WINDOW_NS = 120_000_000_000;
const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;
/** Commits are kept under a megabyte; a stream that takes less is of no use. */
const MIN_MESSAGE_BYTES = 1024 * 1024;

export interface StreamInfo {
  config: Record<string, unknown>;
  state: { messages: number; first_seq: number; last_seq: number };
  cluster?: StreamCluster;
}

export interface StreamSetup {
  stream: string;
  /** Copies of the stream, 1 or 3 or 5. Absent: 1 when it is created, anything when it exists. */
  replicas?: number | undefined;
  /** Whether to create it if it is missing. */
  create: boolean;
}

/** Settings that must be as they are here; what a server leaves out counts as its default. */
const needed: Readonly<Record<string, { value: unknown; absent?: unknown; why: string }>> = {
  subjects: { value: [...STREAM_SUBJECTS], why: 'these are the subjects of the log' },
  storage: { value: 'file', why: 'the log must survive a restart' },
  retention: { value: 'limits', why: 'entries must not vanish when they are read' },
  discard: { value: 'new', why: 'a full log must refuse, not forget' },
  max_age: { value: 0, absent: 0, why: 'entries must not expire' },
  max_msgs: { value: -1, absent: -1, why: 'entries must not be dropped' },
  max_msgs_per_subject: { value: -1, absent: -1, why: 'entries must not be dropped' },
  deny_delete: { value: true, absent: false, why: 'single entries must not be deletable' },
  deny_purge: { value: false, absent: false, why: 'archived history must be removable' },
  allow_direct: { value: true, absent: false, why: 'reads may be answered by any copy' },
  allow_rollup_hdrs: { value: false, absent: false, why: 'a message must not replace others' },
  duplicate_window: { value: DUPLICATE_WINDOW_NS, why: 'a retried append must be stored once' },
  sealed: { value: false, absent: false, why: 'the log must take appends' },
  no_ack: { value: false, absent: false, why: 'appends must be acknowledged' },
};

/** @throws LogSetupError, LogUnavailableError */
export async function checkServer(api: JetStreamApi): Promise<void> {
  const version = api.connection.info?.version ?? '0.0.0';
  if (isOlder(version, MINIMUM_SERVER_VERSION)) {
    throw new LogSetupError(
      `nats-server is version ${version}, SkyFlow needs ${MINIMUM_SERVER_VERSION} or newer: upgrade the server at ${api.connection.getServer()}`,
    );
  }
  try {
    await api.request('INFO');
  } catch (error) {
    const off: readonly number[] = [errorCode.jetStreamNotEnabled, errorCode.jetStreamNotEnabledForAccount];
    const refused = error instanceof JetStreamRefusal && off.includes(error.code);
    if (refused || (isNoResponders(error) && api.connection.info?.jetstream !== true)) {
      throw new LogSetupError(
        `JetStream is not enabled on nats-server ${api.connection.getServer()}: add a "jetstream" block to its configuration (or start it with -js)`,
        { cause: error },
      );
    }
    throw error;
  }
}

/** Creates the stream if allowed and missing, and checks it. @throws LogSetupError, LogUnavailableError */
export async function ensureStream(api: JetStreamApi, setup: StreamSetup): Promise<StreamInfo> {
  const existing = await findStream(api, setup.stream);
  const info = existing ?? (await createStream(api, setup));
  const difference = differenceOf(info.config, setup.replicas);
  if (difference !== undefined) {
    throw new LogSetupError(`stream ${setup.stream}: ${difference}. ${wayOut(setup.stream)}`);
  }
  return info;
}

export async function findStream(api: JetStreamApi, stream: string): Promise<StreamInfo | undefined> {
  try {
    return await api.request<StreamInfo>(`STREAM.INFO.${stream}`);
  } catch (error) {
    if (error instanceof JetStreamRefusal && error.code === errorCode.streamNotFound) return undefined;
    throw error;
  }
}

async function createStream(api: JetStreamApi, setup: StreamSetup): Promise<StreamInfo> {
  if (!setup.create) {
    throw new LogSetupError(`stream ${setup.stream} does not exist: start the api-gateway, which creates it`);
  }
  try {
    return await api.request<StreamInfo>(
      `STREAM.CREATE.${setup.stream}`,
      streamConfig(setup.stream, setup.replicas ?? 1),
    );
  } catch (error) {
    if (!(error instanceof JetStreamRefusal)) throw error;
    // Another service may have created it in between.
    const existing = error.code === errorCode.streamNameInUse ? await findStream(api, setup.stream) : undefined;
    if (existing !== undefined) return existing;
    if (error.status === 503)
      throw new LogUnavailableError(`stream ${setup.stream}: ${error.message}`, { cause: error });
    throw new LogSetupError(`stream ${setup.stream} cannot be created: ${error.message}`, { cause: error });
  }
}

/** What the stream is made with. */
export const streamConfig = (stream: string, replicas: number): Record<string, unknown> => ({
  name: stream,
  description: 'SkyFlow: everything that was asked for, decided and observed',
  num_replicas: replicas,
  max_bytes: -1,
  max_consumers: -1,
  max_msg_size: MAX_MESSAGE_BYTES,
  metadata: { [BORN_AT]: String(readingLevel()) },
  ...Object.fromEntries(Object.entries(needed).map(([field, { value }]) => [field, value])),
});

/** The first setting that differs, said for people; undefined: none. */
function differenceOf(config: Readonly<Record<string, unknown>>, replicas: number | undefined): string | undefined {
  for (const [field, { value, absent, why }] of Object.entries(needed)) {
    const actual = config[field] ?? absent;
    if (!isEqual(actual, value)) return differs(field, actual, JSON.stringify(value), why);
  }
  const size = config.max_msg_size;
  if (typeof size === 'number' && size !== -1 && size < MIN_MESSAGE_BYTES) {
    return differs('max_msg_size', size, `at least ${MIN_MESSAGE_BYTES}`, 'a commit may be that large');
  }
  if (replicas !== undefined && config.num_replicas !== replicas) {
    return differs('num_replicas', config.num_replicas, String(replicas), 'that many copies were asked for');
  }
  return undefined;
}

const differs = (field: string, actual: unknown, wanted: string, why: string): string =>
  `${field} is ${JSON.stringify(actual)}, needed is ${wanted} (${why})`;

const wayOut = (stream: string): string =>
  `Change it with "nats stream edit ${stream}" if the stream is SkyFlow's, or let SkyFlow use another stream or account if it is not`;

function isEqual(actual: unknown, wanted: unknown): boolean {
  if (!Array.isArray(wanted)) return actual === wanted;
  if (!Array.isArray(actual) || actual.length !== wanted.length) return false;
  return wanted.every((item) => actual.includes(item));
}

function isOlder(version: string, minimum: string): boolean {
  const [left, right] = [version, minimum].map((text) => text.split('.').map((part) => Number.parseInt(part, 10)));
  for (let i = 0; i < 3; i++) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
