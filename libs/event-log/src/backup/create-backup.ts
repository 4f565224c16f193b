/**
 * Takes a backup of a log while it is being written: what came since the newest backup of the same log, in pieces, and a manifest at the
 * end. Broken off anywhere it leaves pieces that no manifest names, and the next one takes them anew.
 */
import { createHash, randomBytes } from 'node:crypto';
import { hashOf } from '../commit-codec.js';
import type { SubjectHead } from '../event-log.js';
import { HashChain } from '../hash-chain.js';
import type { BackupSeal } from './backup-seal.js';
import { BackupError, type BackupStore } from './backup-store.js';
import { listManifests, manifestId, writeManifest, type Manifest, type Segment } from './manifest.js';
import { follow, type StoredCommit } from './stored-commit.js';

export interface BackupOptions {
  store: BackupStore;
  seal: BackupSeal;
  /** Commits from a sequence up to another, or to the head as it is when the read begins. */
  read: (from: number, to?: number) => AsyncIterable<StoredCommit>;
  nowMs: () => number;
  /** Text in one piece, before it is compressed. Default 8 MiB. */
  segmentBytes?: number;
}

export interface BackupTaken {
  manifest: Manifest;
  /** Commits that came since the backup before; 0: nothing was written, `manifest` is that one. */
  added: number;
}

const SEGMENT_BYTES = 8 * 1024 * 1024;

/** @throws BackupError (`other-log`), BrokenChainError */
export async function createBackup(options: BackupOptions): Promise<BackupTaken> {
  const { store, seal, read, nowMs, segmentBytes = SEGMENT_BYTES } = options;
  const base = await findBase(options);
  const heads = new Map<string, SubjectHead>(Object.entries(base?.heads ?? {}));
  const pieces = new Pieces(store, seal, segmentBytes);
  let chain: HashChain | undefined;
  let first: StoredCommit | undefined;
  let last: StoredCommit | undefined;
  let added = 0;
  for await (const commit of read((base?.last ?? 0) + 1)) {
    first ??= commit;
    chain ??= new HashChain(heads, base !== undefined || commit.seq === 1);
    heads.set(commit.subject, { seq: commit.seq, hash: follow(chain, commit) });
    await pieces.add(commit);
    last = commit;
    added++;
  }
  const segments = [...(base?.segments ?? []), ...(await pieces.end())];
  if (first === undefined || last === undefined) {
    if (base === undefined) throw new BackupError('empty', 'the log is empty: there is nothing to back up');
    return { manifest: base, added };
  }
  const takenAt = nowMs();
  const manifest: Manifest = {
    format: 1,
    id: manifestId(last.seq, takenAt),
    takenAt,
    first: base?.first ?? first.seq,
    firstHash: base?.firstHash ?? hashOf(Buffer.from(first.data)),
    last: last.seq,
    firstStoredAt: base?.firstStoredAt ?? first.storedAt,
    lastStoredAt: last.storedAt,
    commits: (base?.commits ?? 0) + added,
    heads: Object.fromEntries(heads),
    segments,
  };
  await writeManifest(store, seal, manifest);
  return { manifest, added };
}

/**
 * The newest backup whose last commit is in the log; after a restore that is perhaps not the newest of all. Undefined: there is none of
 * this log to add to, it is taken whole.
 */
async function findBase({ store, seal, read }: BackupOptions): Promise<Manifest | undefined> {
  const manifests = await listManifests(store, seal);
  const has = async (at: number, hash: string | undefined): Promise<boolean> => {
    for await (const { seq, data } of read(at, at)) if (seq === at) return hashOf(Buffer.from(data)) === hash;
    return false;
  };
  for (const manifest of manifests.toReversed()) {
    const head = Object.values(manifest.heads).find(({ seq }) => seq === manifest.last);
    if (await has(manifest.last, head?.hash)) return manifest;
  }
  const [oldest] = manifests;
  if (oldest === undefined || (await has(oldest.first, oldest.firstHash))) return undefined;
  const text = `the backups in ${store.place} are of another log, or of history that is not in this one any more: give another place`;
  throw new BackupError('other-log', text);
}

/** Lines of JSON, cut into pieces that are written as soon as they are full. */
class Pieces {
  private lines: string[] = [];
  private size = 0;
  private first = 0;
  private last = 0;
  private readonly written: Segment[] = [];

  constructor(
    private readonly store: BackupStore,
    private readonly seal: BackupSeal,
    private readonly mostBytes: number,
  ) {}

  async add(commit: StoredCommit): Promise<void> {
    if (this.lines.length === 0) this.first = commit.seq;
    this.last = commit.seq;
    const line = JSON.stringify(commit);
    this.lines.push(line);
    this.size += line.length;
    if (this.size >= this.mostBytes) await this.write();
  }

  async end(): Promise<Segment[]> {
    if (this.lines.length > 0) await this.write();
    return this.written;
  }

  private async write(): Promise<void> {
    const { first, last, lines } = this;
    // Never the name of another piece: of a history that a restore has ended, or of a backup that was broken off.
    const range = [first, last].map((seq) => String(seq).padStart(12, '0')).join('-');
    const key = `segments/${range}-${randomBytes(4).toString('hex')}`;
    const bytes = await this.seal.wrap(key, lines.join('\n'));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await this.store.put(key, bytes);
    this.written.push({ key, first, last, commits: lines.length, bytes: bytes.byteLength, sha256 });
    this.lines = [];
    this.size = 0;
  }
}
