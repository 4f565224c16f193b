/**
 * A commit: the unit of the log, 1..n entries, appended atomically as one message.
 *
 * `prev` is the hash of the commit before it on the same subject, so that a fork or a gap is noticed when it is folded.
 * The commit id is the message's `Nats-Msg-Id`: the same commit appended twice is stored once.
 * An entry is identified by `<commit id>/<index>`; `at`, `actor` and `corr` are per entry because group commit puts
 * entries of different callers in one commit.
 */
import { z } from 'zod';
import { ENTRIES_PER_COMMIT } from './position.js';

/** Version of the commit envelope that this code writes. */
export const COMMIT_VERSION = 1;

/** `prev` of the first commit on a subject. */
export const CHAIN_START = '';

export const entrySchema = z.object({
  /** Past-tense name, e.g. `ObjectCreated`. */
  type: z.string().min(1),
  /** Schema version of `data` for this type. */
  v: z.int().min(1),
  /** When the writer made it, ms since the epoch. */
  at: z.int(),
  /** Who asked: a user name, or `system:<service>`. */
  actor: z.string().min(1),
  /** Correlation id: the same for everything that follows from one request. */
  corr: z.string().min(1),
  /** Causation id: the entry (`<commit id>/<index>`) or request that led to this one. */
  cause: z.string().optional(),
  /** W3C traceparent. */
  trace: z.string().optional(),
  /** The client's idempotency key; folds remember it. */
  idem: z.string().optional(),
  data: z.unknown(),
});

export const commitSchema = z.object({
  v: z.literal(COMMIT_VERSION),
  id: z.string().min(1),
  prev: z.string(),
  /** Who wrote it: `<service>/<instance>`. */
  writer: z.string().min(1),
  entries: z.array(entrySchema).min(1).max(ENTRIES_PER_COMMIT),
});

/** An entry whose `data` is not decoded yet. */
export type RawEntry = z.infer<typeof entrySchema>;
export type Commit = z.infer<typeof commitSchema>;

/** Identity of entry `index` of a commit; what `cause` refers to. */
export const entryId = (commitId: string, index: number): string => `${commitId}/${index}`;
