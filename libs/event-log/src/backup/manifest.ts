/** A backup: what it holds, in which pieces. It names all pieces, those of earlier backups too, so that each backup stands for itself. */
import { z } from 'zod';
import type { BackupSeal } from './backup-seal.js';
import { BackupError, type BackupStore } from './backup-store.js';

const FOLDER = 'backups/';

const headSchema = z.object({ seq: z.number(), hash: z.string() });

const segmentSchema = z.object({
  key: z.string(),
  /** Sequences of the first and the last commit in it. */
  first: z.number(),
  last: z.number(),
  commits: z.number(),
  /** Of the piece as it is stored. */
  bytes: z.number(),
  sha256: z.string(),
});

export const manifestSchema = z.object({
  format: z.literal(1),
  /** Sorts by the last commit, then by time. */
  id: z.string(),
  takenAt: z.number(),
  /** Sequence of the first commit that was in the log: 1, unless older ones had been purged. */
  first: z.number(),
  /** Its hash: tells this log from others. */
  firstHash: z.string(),
  last: z.number(),
  /** When these were stored, ms since the epoch. */
  firstStoredAt: z.number(),
  lastStoredAt: z.number(),
  commits: z.number(),
  /** Last commit of each subject. */
  heads: z.record(z.string(), headSchema),
  segments: z.array(segmentSchema),
});

export type Segment = z.infer<typeof segmentSchema>;
export type Manifest = z.infer<typeof manifestSchema>;

export const manifestId = (last: number, takenAt: number): string =>
  `${String(last).padStart(12, '0')}-${new Date(takenAt).toISOString().replace(/[-:]|\.\d+/g, '')}`;

export async function writeManifest(store: BackupStore, seal: BackupSeal, manifest: Manifest): Promise<void> {
  const key = FOLDER + manifest.id;
  await store.put(key, await seal.wrap(key, JSON.stringify(manifest)));
}

/** Newest last. */
export async function listManifests(store: BackupStore, seal: BackupSeal): Promise<Manifest[]> {
  const manifests: Manifest[] = [];
  for (const key of await store.list(FOLDER)) manifests.push(await readManifest(store, seal, key));
  return manifests.sort((a, b) => a.takenAt - b.takenAt);
}

/** @param id absent: the newest. @throws BackupError (`empty`) */
export async function findManifest(store: BackupStore, seal: BackupSeal, id: string | undefined): Promise<Manifest> {
  const manifests = await listManifests(store, seal);
  const found = id === undefined ? manifests.at(-1) : manifests.find((each) => each.id === id);
  if (found !== undefined) return found;
  const there = manifests.length === 0 ? 'there are none' : `there are ${manifests.map((each) => each.id).join(', ')}`;
  throw new BackupError('empty', `${store.place} has no backup${id === undefined ? '' : ` ${id}`}: ${there}`);
}

async function readManifest(store: BackupStore, seal: BackupSeal, key: string): Promise<Manifest> {
  const bytes = await store.get(key);
  if (bytes === undefined) throw new BackupError('damaged', `${key} was listed in ${store.place} and is not there`);
  const text = await seal.unwrap(key, bytes);
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new BackupError('damaged', `${key} in ${store.place} is no backup that this version can read`, {
      cause: error,
    });
  }
}
