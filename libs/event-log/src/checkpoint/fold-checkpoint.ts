/**
 * What each fold of the log makes of it up to a commit: worked out from stored commits (of an archive that was read and verified), not taken
 * from a running service, so that none has to run, and none is trusted.
 */
import { positionOf } from '@skyflow/contracts';
import type { StoredCommit } from '../backup/stored-commit.js';
import { decodeCommit, hashOf } from '../commit-codec.js';
import type { SubjectHead } from '../event-log.js';
import type { Fold } from '../fold.js';
import { snapshotBytes } from '../snapshots/snapshot-frames.js';
import type { CheckpointPart } from './checkpoint-stream.js';

/** A fold on its way through the log. */
export interface Folding {
  take(commit: StoredCommit, bytes: Buffer, hash: string): void;
  /** What was made of it; `seq` and `hash` are of the last commit of the log that was folded. */
  part(seq: number, hash: string): CheckpointPart;
}

export interface CheckpointFolds {
  /** Of the whole log. */
  whole: readonly Folding[];
  /** Of the subjects of one cluster. */
  ofCluster: (cluster: string) => Folding;
}

/** The last commit that was folded. */
export interface FoldedTo {
  seq: number;
  storedAt: number;
  /** Parts in the order in which they are to be written. */
  parts: CheckpointPart[];
}

const CLUSTER_SUBJECT = /^sky\.(?:work|obs)\.(.+)$/;

/** Each fold decodes for itself: what one keeps of an entry is not another's. */
export function foldingOf<S>(fold: Fold<S>, cluster?: string): Folding & { state: () => S } {
  let state = fold.initial();
  const heads = new Map<string, SubjectHead>();
  return {
    state: () => state,
    take(stored, bytes, hash) {
      const { seq, subject } = stored;
      const { entries, id: commitId } = decodeCommit(bytes, hash, stored).commit;
      for (const [index, entry] of entries.entries()) {
        state = fold.evolve(state, entry, { position: positionOf(seq, index), seq, subject, commitId, index });
      }
      heads.set(subject, { seq, hash });
    },
    part(seq, hash) {
      const header = { foldVersion: fold.version, seq, hash, heads: Object.fromEntries(heads) };
      const bytes = snapshotBytes(header, fold.encode?.(state) ?? []);
      return { fold: fold.version, ...(cluster === undefined ? {} : { cluster }), bytes };
    },
  };
}

/** Undefined: there is no commit. */
export async function foldCheckpoint(
  commits: AsyncIterable<StoredCommit>,
  { whole, ofCluster }: CheckpointFolds,
): Promise<FoldedTo | undefined> {
  const clusters = new Map<string, Folding>();
  let last: { seq: number; storedAt: number; hash: string } | undefined;
  for await (const stored of commits) {
    const bytes = Buffer.from(stored.data);
    const hash = hashOf(bytes);
    for (const each of whole) each.take(stored, bytes, hash);
    const cluster = CLUSTER_SUBJECT.exec(stored.subject)?.[1];
    if (cluster !== undefined) {
      const folding = clusters.get(cluster) ?? ofCluster(cluster);
      clusters.set(cluster, folding);
      folding.take(stored, bytes, hash);
    }
    last = { seq: stored.seq, storedAt: stored.storedAt, hash };
  }
  if (last === undefined) return undefined;
  const { seq, storedAt, hash } = last;
  return { seq, storedAt, parts: [...whole, ...clusters.values()].map((each) => each.part(seq, hash)) };
}
