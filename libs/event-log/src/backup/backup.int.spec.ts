/** Backups of a real stream, into a directory: what they hold, what they notice, what a restored log is like. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import type { RawEntry } from '@skyflow/contracts';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { JetStreamEventLog, LogUnavailableError, type RecordedCommit } from '../index.js';
import { appendEntries, rawEntry } from '../testing/index.js';
import {
  type BackupKey,
  BackupSeal,
  type BackupTaken,
  DirectoryBackupStore,
  type Manifest,
  type StoredCommit,
  createBackup,
  findManifest,
  listManifests,
  readBackup,
  restoreLog,
  upTo,
} from './index.js';

const KEY = randomBytes(32);
const epoch = (holder: string): RawEntry => rawEntry('EpochStarted', { epoch: 1, holder });

describe('a backup', () => {
  let nats: NatsFixture;
  let connection: NatsConnection;
  let log: JetStreamEventLog;
  let folder: string;
  let store: DirectoryBackupStore;

  beforeEach(async () => {
    nats = await startNatsFixture({ syncAlways: false });
    connection = await connect({ servers: nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    log = await JetStreamEventLog.open({ connection });
    folder = await mkdtemp(join(tmpdir(), 'skyflow-backup-'));
    store = new DirectoryBackupStore(folder);
  });
  afterEach(async () => {
    await log.close();
    await connection.close();
    await nats.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const write = async (subject: string, count: number): Promise<void> => {
    for (let i = 0; i < count; i++) await appendEntries(log, subject, epoch(`${subject}-${i}`));
  };
  async function* stored(from: number, to?: number): AsyncGenerator<StoredCommit> {
    const range = { from, ...(to === undefined ? {} : { to }), keepBytes: true };
    for await (const { seq, subject, storedAt, bytes } of log.read(range))
      yield { seq, subject, storedAt, data: Buffer.from(bytes ?? []).toString('utf8') };
  }
  const take = async (key: BackupKey = KEY): Promise<BackupTaken> =>
    createBackup({
      store,
      seal: await BackupSeal.begin(store, key),
      read: stored,
      nowMs: Date.now,
      segmentBytes: 4_000,
    });
  const all = async (from = 1): Promise<RecordedCommit[]> => {
    const commits: RecordedCommit[] = [];
    for await (const commit of log.read({ from })) commits.push(commit);
    return commits;
  };
  const held = async (id?: string): Promise<{ manifest: Manifest; commits: StoredCommit[] }> => {
    const seal = await BackupSeal.open(store, KEY);
    const manifest = await findManifest(store, seal, id);
    const commits: StoredCommit[] = [];
    for await (const commit of readBackup({ store, seal, manifest })) commits.push(commit);
    return { manifest, commits };
  };
  const restore = async (point: { seq: number } | { timeMs: number }, replace = true) => {
    const seal = await BackupSeal.open(store, KEY);
    const manifest = await findManifest(store, seal, undefined);
    const commits = upTo(readBackup({ store, seal, manifest }), point);
    const restored = await restoreLog({ connection, commits, lastKnown: manifest.last, replace });
    await log.close();
    log = await JetStreamEventLog.open({ connection });
    return restored;
  };

  it('holds what the log held, and the next one only adds', async () => {
    await write('sky.cmd.0', 30);
    const first = await take();
    await write('sky.obs.east', 12);
    const second = await take();
    expect([first.added, second.added, second.manifest.commits]).toEqual([30, 12, 42]);
    expect(second.manifest.segments.slice(0, first.manifest.segments.length)).toEqual(first.manifest.segments);
    expect(first.manifest.segments.length).toBeGreaterThan(1);
    expect((await held()).commits.map(({ seq }) => seq)).toEqual((await all()).map(({ seq }) => seq));
    expect((await held(first.manifest.id)).commits).toHaveLength(30);
    expect(await take()).toEqual({ manifest: second.manifest, added: 0 });
    expect(await listManifests(store, await BackupSeal.open(store, KEY))).toHaveLength(2);
  });

  it('shows nothing to who has not the key', async () => {
    await appendEntries(log, 'sky.cmd.0', epoch('very-recognisable'));
    await take();
    for (const name of await readdir(folder, { recursive: true })) {
      const bytes = await readFile(join(folder, name)).catch(() => Buffer.alloc(0));
      expect(bytes.includes('very-recognisable') || bytes.includes('sky.cmd')).toBe(false);
    }
    await expect(BackupSeal.open(store, undefined)).rejects.toThrow(/encrypted: give the key file/);
    await expect(BackupSeal.open(store, randomBytes(32))).rejects.toThrow(/another key file/);
    await expect(take('none')).rejects.toThrow(/encrypted/);
  });

  it('notices a bit that changed, a piece that is missing, and one in the place of another', async () => {
    await write('sky.cmd.0', 40);
    const { manifest } = await take();
    const [one = '', other = ''] = manifest.segments.map(({ key }) => join(folder, key));
    const [good, another] = [await readFile(one), await readFile(other)];
    const flipped = Buffer.from(good);
    flipped.writeUInt8(flipped.readUInt8(100) ^ 1, 100);
    for (const bytes of [flipped, another]) {
      await writeFile(one, bytes);
      await expect(held()).rejects.toThrow(/SHA-256.*Restore from an earlier backup/);
    }
    await rm(one);
    await expect(held()).rejects.toThrow(/it is not in/);
  });

  it('is not mixed with that of another log', async () => {
    await write('sky.cmd.0', 3);
    await take();
    await log.close();
    await connection.request('$JS.API.STREAM.DELETE.SKYFLOW');
    log = await JetStreamEventLog.open({ connection });
    await write('sky.cmd.0', 5);
    await expect(take()).rejects.toThrow(/of another log.*give another place/);
  });

  it('is restored byte for byte, with its times, up to a point, and goes on behind all positions that were given out', async () => {
    await write('sky.cmd.0', 10);
    await write('sky.work.east', 10);
    const before = await all();
    await take();
    await write('sky.cmd.0', 7);
    const restored = await restore({ seq: 15 });
    expect(restored).toEqual({ commits: 15, last: 15, next: 10_021 });
    expect(await all()).toEqual(before.slice(0, 15));
    await write('sky.cmd.0', 2);
    expect((await all(16)).map(({ seq }) => seq)).toEqual([10_021, 10_022]);
    const midway = before[11]?.storedAt ?? 0;
    expect(await log.sequenceAt(midway)).toBe(before.findLast(({ storedAt }) => storedAt <= midway)?.seq);
    expect(await log.sequenceAt(Date.now())).toBe(10_022);
    await nats.restart();
    for (let tries = 0; tries < 100; tries++) {
      try {
        expect(await log.head()).toBe(10_022);
        break;
      } catch (error) {
        if (!(error instanceof LogUnavailableError)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    expect((await all()).length).toBe(17);
    // The backups go on from what is left of the old history.
    const taken = await take();
    expect([taken.added, taken.manifest.commits]).toEqual([17, 17]);
    expect((await held()).commits.map(({ storedAt }) => storedAt)).toEqual(
      (await all()).map(({ storedAt }) => storedAt),
    );
  });

  it('is restored up to a time, into an empty server, and not over a log without being told', async () => {
    await write('sky.cmd.0', 5);
    await take();
    await expect(restore({ seq: 5 }, false)).rejects.toThrow(/holds a log of 5 commits: it is left as it is/);
    const times = (await all()).map(({ storedAt }) => storedAt);
    await expect(restore({ timeMs: 1 })).rejects.toThrow(/no commit up to that point/);
    await connection.request('$JS.API.STREAM.DELETE.SKYFLOW');
    const { commits } = await restore({ timeMs: times[2] ?? 0 }, false);
    expect(commits).toBe(times.filter((time) => time <= (times[2] ?? 0)).length);
  });
});
