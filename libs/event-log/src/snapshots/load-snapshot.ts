/** Finds the newest snapshot that belongs to this fold and this log; whatever is wrong with one is a warning, never an error. */
import { LogPurgedError, type EventLog, type SubjectHead } from '../event-log.js';
import type { Fold } from '../fold.js';
import type { SnapshotOptions } from './snapshot-schedule.js';
import type { SnapshotHeader } from './snapshot-store.js';

export interface LoadedSnapshot<S> {
  state: S;
  seq: number;
  heads: Map<string, SubjectHead>;
}

/** @param upToSeq of a state that is wanted; absent: of now. Undefined: there is none to use, fold from the start. Rejects only if the log does not answer. */
export async function loadSnapshot<S>(
  fold: Fold<S>,
  log: EventLog,
  { store, warn }: SnapshotOptions,
  signal: AbortSignal,
  upToSeq?: number,
): Promise<LoadedSnapshot<S> | undefined> {
  if (fold.decode === undefined) return undefined;
  for await (const { header, pieces } of store.list(upToSeq)) {
    const mismatch = await mismatchOf(header, fold, log, signal);
    if (mismatch !== undefined) {
      warn?.(`snapshot at ${header.seq} is not used: ${mismatch}`);
      continue;
    }
    try {
      const state = await fold.decode(pieces);
      return { state, seq: header.seq, heads: new Map(Object.entries(header.heads)) };
    } catch (error) {
      warn?.(`snapshot at ${header.seq} is not used: ${(error as Error).message}`);
    }
  }
  return undefined;
}

/**
 * What to go on from where older history was archived and purged. Undefined: there is nothing before, begin with nothing.
 * @throws LogPurgedError if nothing takes the place of what was purged
 */
export async function loadCheckpoint<S>(
  fold: Fold<S>,
  log: EventLog,
  cluster: string | undefined,
): Promise<LoadedSnapshot<S> | undefined> {
  const checkpoint = await log.checkpoint({ fold: fold.version, cluster });
  if (checkpoint !== undefined && 'nothingBefore' in checkpoint) return undefined;
  if (checkpoint === undefined || !('snapshot' in checkpoint) || fold.decode === undefined) {
    const made = checkpoint !== undefined && 'folds' in checkpoint ? checkpoint.folds.join(', ') : '';
    const first = await log.first();
    throw new LogPurgedError(
      `the log has been purged up to ${first - 1}, and its checkpoint has no state of fold ${fold.version}` +
        (made === '' ? '' : ` (it has ${made})`) +
        ': make a checkpoint with a skyctl of this version (skyctl backup checkpoint PLACE), or restore the whole log from its archive (skyctl backup restore PLACE --replace)',
    );
  }
  const { header, pieces } = checkpoint.snapshot;
  return { state: await fold.decode(pieces), seq: header.seq, heads: new Map(Object.entries(header.heads)) };
}

/** Why the snapshot is not of this fold or this log. */
async function mismatchOf<S>(
  header: SnapshotHeader,
  fold: Fold<S>,
  log: EventLog,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (header.foldVersion !== fold.version)
    return `it was made by fold ${header.foldVersion}, this one is ${fold.version}`;
  const first = await log.first();
  if (header.seq + 1 < first) return `the log has been purged up to ${first - 1} since`;
  const head = await log.head();
  if (head < header.seq) return `the log ends at ${head}`;
  for await (const { hash } of log.read({ from: header.seq, to: header.seq, signal })) {
    return hash === header.hash ? undefined : `the log has another commit at ${header.seq}`;
  }
  return `the log has no commit at ${header.seq}`;
}
