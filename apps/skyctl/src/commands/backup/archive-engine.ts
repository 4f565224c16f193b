/**
 * History for the archive: a backup that holds it, read again whole and verified, and folded while it is read; what services need in place of
 * it comes from what was verified, and from nothing else. Part of the engine (engine.ts).
 */
import { type Commit, type Entry, type RawEntry, decodeEntry } from '@skyflow/contracts';
import {
  KeptHistory,
  agentFold,
  meshStateFold,
  objectsFold,
  provisioningStateFold,
  schedulingStateFold,
} from '@skyflow/domain';
import {
  type FoldedTo,
  type StoredBackup,
  type StoredCommit,
  foldCheckpoint,
  foldingOf,
  readBackup,
  upTo,
} from '@skyflow/event-log';

export interface Archived extends FoldedTo {
  /** What is needed of it as it is, by name. */
  kept: Iterable<readonly [string, unknown]>;
}

/**
 * Reads all of the backup, and folds it up to a commit.
 * @throws BackupError (`damaged`), also for what comes after the commit
 */
export async function foldArchive(backup: StoredBackup, seq: number): Promise<Archived | undefined> {
  const [objects, scheduling] = [foldingOf(objectsFold), foldingOf(schedulingStateFold)];
  const whole = [objects, scheduling, foldingOf(meshStateFold), foldingOf(provisioningStateFold)];
  const ofCluster = (cluster: string) => foldingOf(agentFold, cluster);
  const folded = await foldCheckpoint(upTo(readBackup(backup), { seq }), { whole, ofCluster });
  if (folded === undefined) return undefined;
  const kept = new KeptHistory(objects.state(), scheduling.state());
  // To its end: what is purged has been read, all of it, and what comes after it, too.
  for await (const commit of readBackup(backup)) {
    if (commit.seq > folded.seq || !kept.needs(commit.seq, commit.subject)) continue;
    const { entries } = JSON.parse(commit.data) as { entries: RawEntry[] };
    kept.take(
      commit.seq,
      entries.map((entry) => decodeEntry(entry)),
    );
  }
  return { ...folded, kept: kept.all() };
}

/** A commit of an archive as the gateway gives those of the log. */
export function decodeStored({ seq, subject, storedAt, data }: StoredCommit): Decoded {
  const commit = JSON.parse(data) as Omit<Decoded['commit'], 'entries'> & { entries: RawEntry[] };
  return { seq, subject, storedAt, commit: { ...commit, entries: commit.entries.map((entry) => decodeEntry(entry)) } };
}

interface Decoded extends Omit<StoredCommit, 'data'> {
  commit: Omit<Commit, 'entries'> & { entries: Entry[] };
}
