/** Where the log begins, as its stream says it: in its metadata, which changes in one step. */
import type { Horizon } from '../event-log.js';

const SEQ = 'skyflow.io/purged-before';
const STORED_AT = 'skyflow.io/purged-before-time';
const ARCHIVE = 'skyflow.io/archive';
const CHECKPOINT = 'skyflow.io/checkpoint';

type Metadata = Readonly<Record<string, string>>;

/** @param config of the stream. Undefined: nothing was purged by us. */
export function horizonOf(config: Readonly<Record<string, unknown>>): Horizon | undefined {
  const metadata = (config.metadata ?? {}) as Metadata;
  const { [SEQ]: seq, [STORED_AT]: storedAt = '0', [ARCHIVE]: archive = '', [CHECKPOINT]: checkpoint = '' } = metadata;
  if (seq === undefined) return undefined;
  return { seq: Number(seq), storedAt: Number(storedAt), archive, checkpoint };
}

/** The metadata of a stream with this horizon; what else is said there stays. */
export function withHorizon(config: Readonly<Record<string, unknown>>, horizon: Horizon): Metadata {
  return {
    ...(config.metadata as Metadata | undefined),
    [SEQ]: String(horizon.seq),
    [STORED_AT]: String(horizon.storedAt),
    [ARCHIVE]: horizon.archive,
    [CHECKPOINT]: horizon.checkpoint,
  };
}

/** From this sequence on everything is there. */
export const firstOf = (info: { config: Readonly<Record<string, unknown>>; state: { first_seq: number } }): number =>
  horizonOf(info.config)?.seq ?? Math.max(1, info.state.first_seq);

/** For people: from where on a log can be read, and where the rest is. */
export function purgedText({ seq, storedAt, archive }: Horizon): string {
  const since = new Date(storedAt).toISOString();
  return `the log has been purged up to ${seq - 1} and holds what came since ${since}; what was before is in the archive ${archive}`;
}
