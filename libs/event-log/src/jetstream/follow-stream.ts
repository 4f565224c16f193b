/**
 * Reads commits from a stream in order, each once, over any number of pull sessions: with an end (`to`) or for ever.
 * An endless read waits out any outage; a finite one gives up with a LogUnavailableError when nothing came for a while.
 */
import { Backoff } from '../backoff.js';
import { decodeCommit, decodeLater, hashOf, peekPrev } from '../commit-codec.js';
import {
  BrokenChainError,
  LogPurgedError,
  LogUnavailableError,
  type Followed,
  type FollowOptions,
  type RecordedCommit,
} from '../event-log.js';
import { HashChain } from '../hash-chain.js';
import { JetStreamRefusal, type JetStreamApi } from './jetstream-api.js';
import { PullSession, type Delivered } from './pull-session.js';

export interface FollowStreamOptions extends FollowOptions {
  subjects: readonly string[];
  /** Last sequence to deliver; undefined: endless. */
  to: number | undefined;
  verifyChain: boolean;
}

/** Most commits in one array: bounds how long a reader is busy before others get a turn. */
const BATCH_COMMITS = 512;
const READ_PATIENCE_MS = 15_000;
const TURN_MS = 20;

export async function* followStream(
  api: JetStreamApi,
  stream: string,
  options: FollowStreamOptions,
): AsyncGenerator<Followed, void, undefined> {
  const { signal, to } = options;
  const backoff = new Backoff({ firstMs: 20, mostMs: 500 });
  let next = options.from ?? 1;
  let chain: HashChain | undefined;
  let created: string | undefined;
  let lastProgress = performance.now();
  while (!signal.aborted && (to === undefined || next <= to)) {
    let session: PullSession | undefined;
    try {
      await api.state.whenConnected(signal);
      session = await PullSession.open(api, stream, next, options.subjects);
      checkLength(session, next, stream);
      created ??= session.created;
      checkSame(session, created, stream);
      chain ??= new HashChain(options.heads, (next <= 1 && session.first <= 1) || options.heads !== undefined);
      backoff.reset();
      for await (const followed of readSession(session, next, chain, options)) {
        lastProgress = performance.now();
        if (followed.type === 'caught-up') {
          if (to !== undefined) return;
          yield followed;
        } else {
          next = followed.next;
          if (followed.commits.length > 0) yield { type: 'commits', commits: followed.commits };
        }
      }
    } catch (error) {
      if (error instanceof BrokenChainError && session !== undefined && next < session.first) {
        throw new LogPurgedError(
          `the log has been purged up to ${session.first - 1} while this reader was at ${next - 1}: start again, from its checkpoint`,
          { cause: error },
        );
      }
      if (!isOutage(error)) throw error;
      if (to !== undefined && performance.now() - lastProgress > READ_PATIENCE_MS) throw error;
      await backoff.wait(signal);
    } finally {
      session?.close();
    }
  }
}

type SessionOutput = { type: 'commits'; commits: RecordedCommit[]; next: number } | { type: 'caught-up'; seq: number };

/** Ends when the signal aborts or `to` is delivered. @throws LogUnavailableError when the session is lost. */
async function* readSession(
  session: PullSession,
  from: number,
  chain: HashChain,
  options: FollowStreamOptions,
): AsyncGenerator<SessionOutput, void, undefined> {
  const { signal, to } = options;
  let next = from;
  let caughtUp = false;
  let turnEnds = performance.now() + TURN_MS;
  for (;;) {
    if (!caughtUp && session.hasCaughtUp) {
      caughtUp = true;
      yield { type: 'caught-up', seq: Math.max(session.head, next - 1) };
    }
    const messages = await session.take(BATCH_COMMITS, signal);
    if (messages.length === 0) return;
    const commits = decodeAll(messages, chain, options);
    next = (messages.at(-1)?.seq ?? next) + 1;
    yield { type: 'commits', commits, next };
    if (to !== undefined && next > to) return;
    if (performance.now() > turnEnds) {
      await new Promise(setImmediate);
      turnEnds = performance.now() + TURN_MS;
    }
  }
}

function decodeAll(messages: readonly Delivered[], chain: HashChain, options: FollowStreamOptions): RecordedCommit[] {
  const commits: RecordedCommit[] = [];
  for (const message of messages) {
    if (options.to !== undefined && message.seq > options.to) break;
    const hash = hashOf(message.data);
    if (options.skip?.(message.seq) === true) {
      if (options.verifyChain) chain.advance(message.subject, message.seq, peekPrev(message.data), hash);
      continue;
    }
    const recorded = recordedOf(message, hash, options);
    if (options.verifyChain) chain.advance(message.subject, message.seq, recorded.commit.prev, hash);
    commits.push(options.keepBytes === true ? { ...recorded, bytes: message.data } : recorded);
  }
  return commits;
}

function recordedOf(message: Delivered, hash: string, options: FollowStreamOptions): RecordedCommit {
  const { seq, subject, storedAt, data } = message;
  const commit = options.known?.(hash);
  if (commit !== undefined) return { seq, subject, storedAt, hash, commit };
  const decode = options.undecoded?.(subject) === true ? decodeLater : decodeCommit;
  return decode(data, hash, message);
}

/** A log that has become shorter lost acknowledged commits, or is another log: what was folded is not what it holds. */
function checkLength(session: PullSession, next: number, stream: string): void {
  if (session.head >= next - 1) return;
  throw new BrokenChainError(
    `stream ${stream} ends at ${session.head}, but ${next - 1} was read from it before. ` +
      'The log was truncated or replaced: restore its store from a backup, or delete the state that was made from it',
  );
}

/** One that was put in the place of the log, as a restore does, may be as long: nothing of it need ever contradict what was read before. */
function checkSame(session: PullSession, created: string | undefined, stream: string): void {
  if (session.created === undefined || session.created === created) return;
  throw new BrokenChainError(
    `stream ${stream} was made at ${session.created}, and the one that was read before at ${created ?? ''}: another log has taken its place, ` +
      'as after a restore; start again on it',
  );
}

const isOutage = (error: unknown): boolean => error instanceof LogUnavailableError || error instanceof JetStreamRefusal;
