/**
 * Reads the commits of a backup, and believes nothing: the sum of each piece, the order of sequences, the hash chain of each subject, and
 * that it ends with the heads that its manifest names.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { BrokenChainError, type SubjectHead } from '../event-log.js';
import { HashChain } from '../hash-chain.js';
import type { BackupSeal } from './backup-seal.js';
import { BackupError, type BackupStore } from './backup-store.js';
import type { Manifest, Segment } from './manifest.js';
import { follow, type StoredCommit } from './stored-commit.js';

export interface StoredBackup {
  store: BackupStore;
  seal: BackupSeal;
  manifest: Manifest;
}

const storedSchema = z.object({ seq: z.number(), subject: z.string(), storedAt: z.number(), data: z.string() });

/** @throws BackupError (`damaged`) at the first thing that is not as it should be; what came before was good. */
export async function* readBackup({ store, seal, manifest }: StoredBackup): AsyncGenerator<StoredCommit> {
  const chain = new HashChain(undefined, manifest.first === 1);
  const heads = new Map<string, SubjectHead>();
  let before = manifest.first - 1;
  let commits = 0;
  for (const segment of manifest.segments) {
    for (const commit of await readSegment(store, seal, segment)) {
      if (commit.seq <= before) throw damaged(segment, `commit ${commit.seq} comes after ${before}`);
      before = commit.seq;
      commits++;
      try {
        heads.set(commit.subject, { seq: commit.seq, hash: follow(chain, commit) });
      } catch (error) {
        if (!(error instanceof BrokenChainError)) throw error;
        throw damaged(segment, error.message, error);
      }
      yield commit;
    }
  }
  const isWhole =
    commits === manifest.commits &&
    Object.entries(manifest.heads).every(([subject, { hash }]) => heads.get(subject)?.hash === hash);
  if (!isWhole) {
    const text = `backup ${manifest.id} in ${store.place} is not whole: ${commits} of ${manifest.commits} commits are in its pieces`;
    throw new BackupError('damaged', text);
  }
}

async function readSegment(store: BackupStore, seal: BackupSeal, segment: Segment): Promise<StoredCommit[]> {
  const bytes = await store.get(segment.key);
  if (bytes === undefined) throw damaged(segment, `it is not in ${store.place}`);
  const sum = createHash('sha256').update(bytes).digest('hex');
  if (sum !== segment.sha256) throw damaged(segment, `its SHA-256 is ${sum}, not ${segment.sha256}`);
  const text = await seal.unwrap(segment.key, bytes);
  try {
    return text.split('\n').map((line) => storedSchema.parse(JSON.parse(line)));
  } catch (error) {
    throw damaged(segment, 'it is not what a backup holds', error);
  }
}

const damaged = ({ key }: Segment, what: string, cause?: unknown): BackupError =>
  new BackupError('damaged', `${key} is damaged: ${what}. Restore from an earlier backup`, { cause });

/** Commits up to a point: a sequence, or a time (ms since the epoch) up to which they were stored. */
export async function* upTo(
  commits: AsyncIterable<StoredCommit>,
  point: { seq: number } | { timeMs: number },
): AsyncGenerator<StoredCommit> {
  for await (const commit of commits) {
    const isAfter = 'seq' in point ? commit.seq > point.seq : commit.storedAt > point.timeMs;
    if (isAfter) return;
    yield commit;
  }
}
