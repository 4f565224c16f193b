/**
 * A real log (tests/recorded-logs) in a real stream, archived and purged at points that nobody chose: every fold that starts on what is left
 * is what it was, writers go on, and broken off anywhere nothing is lost.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import {
  CHECKPOINT_STREAM,
  type Commit,
  STREAM,
  keptRevisionsName,
  observationSubject,
  workSubject,
} from '@skyflow/contracts';
import { agentFold, meshStateFold, objectsFold, provisioningStateFold, schedulingStateFold } from '@skyflow/domain';
import {
  BackupSeal,
  DirectoryBackupStore,
  type Fold,
  JetStreamEventLog,
  LogPurgedError,
  type Manifest,
  Projection,
  type StoredCommit,
  createBackup,
  purgeLog,
  readBackup,
  removePurged,
  restoreLog,
  serveReaders,
} from '@skyflow/event-log';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import fc from 'fast-check';
import { foldArchive } from './archive-engine.js';

const RECORDED = join(import.meta.dirname, '../../../../../tests/recorded-logs/v0.1/walk-through.log.gz');
const CLUSTERS = ['mluo-cloud', 'mluo-onprem'];

describe('a log whose history was archived and purged', () => {
  let nats: NatsFixture;
  let connection: NatsConnection;
  let log: JetStreamEventLog;
  let folder: string;
  let store: DirectoryBackupStore;
  let seal: BackupSeal;
  let head: number;

  beforeEach(async () => {
    nats = await startNatsFixture({ syncAlways: false });
    connection = await connect({ servers: nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    log = await JetStreamEventLog.open({ connection });
    folder = await mkdtemp(join(tmpdir(), 'skyflow-purge-'));
    store = new DirectoryBackupStore(folder);
    seal = await BackupSeal.begin(store, Buffer.alloc(32, 7));
    for (const line of gunzipSync(await readFile(RECORDED))
      .toString()
      .trimEnd()
      .split('\n')) {
      const { subject, commit } = JSON.parse(line) as { subject: string; commit: Commit };
      await log.append(subject, commit, await log.subjectHead(subject));
    }
    head = await log.head();
  }, 120_000);
  afterEach(async () => {
    await log.close();
    await connection.close();
    await nats.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function* stored(from: number, to?: number): AsyncGenerator<StoredCommit> {
    if (from < (await log.first())) return;
    const range = { from, ...(to === undefined ? {} : { to }), keepBytes: true };
    for await (const { seq, subject, storedAt, bytes } of log.read(range))
      yield { seq, subject, storedAt, data: Buffer.from(bytes ?? []).toString('utf8') };
  }
  const archive = async (seq: number) => {
    const { manifest } = await createBackup({ store, seal, read: stored, nowMs: Date.now, segmentBytes: 20_000 });
    const archived = await foldArchive({ store, seal, manifest }, seq);
    if (archived === undefined) throw new Error('the archive is empty');
    return { manifest, archived };
  };
  const purge = async (seq: number): Promise<Manifest> => {
    const { manifest, archived } = await archive(seq);
    await purgeLog({ connection, archive: store.place, ...archived });
    return manifest;
  };
  /** What a fold makes of the log, as it would be kept. */
  const made = async <S>(fold: Fold<S>, cluster?: string, from: JetStreamEventLog = log): Promise<string> => {
    const subjects =
      cluster === undefined ? {} : { cluster, subjects: [workSubject(cluster), observationSubject(cluster)] };
    const projection = new Projection({ log: from, fold, ...subjects });
    await projection.start();
    const pieces = [...(fold.encode?.(projection.state) ?? [])];
    await projection.close();
    return JSON.stringify(pieces);
  };
  const everyFold = async (): Promise<string[]> => [
    await made(objectsFold),
    await made(schedulingStateFold),
    await made(meshStateFold),
    await made(provisioningStateFold),
    ...(await Promise.all(CLUSTERS.map((cluster) => made(agentFold, cluster)))),
  ];

  it('gives every fold what it was, wherever it was cut, and again', async () => {
    const before = await everyFold();
    const points = fc.sample(fc.integer({ min: 2, max: head }), { numRuns: 4, seed: 20_261_128 }).sort((a, b) => a - b);
    for (const point of points) {
      await purge(point);
      expect(await log.horizon()).toMatchObject({ seq: point, archive: store.place });
      expect(await log.first()).toBe(point);
      expect(await everyFold()).toEqual(before);
    }
    // What goes is gone: from the last point on all is there, before it the last of each subject at most.
    const left: number[] = [];
    for await (const { seq, subject } of log.read()) if (subject !== 'sky.evt.provisioner') left.push(seq);
    const last = points.at(-1) ?? 0;
    const subjects = new Set<string>();
    for await (const { subject } of log.read()) subjects.add(subject);
    expect(left.filter((seq) => seq < last).length).toBeLessThan(subjects.size);
    expect(left.filter((seq) => seq >= last).length).toBe(head - last + 1);
  }, 120_000);

  it('takes what its writers write, on every subject, and the archive goes on', async () => {
    const subjects = new Set<string>();
    for await (const { subject } of log.read()) subjects.add(subject);
    await purge(head);
    for (const subject of subjects) {
      const known = new Projection({ log, fold: objectsFold });
      await known.start();
      const entry = { type: 'EpochStarted', v: 1, at: 1, actor: 'a', corr: 'c', data: { epoch: 1, holder: 'h' } };
      await log.append(subject, { id: `after-${subject}`, writer: 'w', entries: [entry] }, known.subjectHead(subject));
      await known.close();
    }
    const { manifest } = await archive(head);
    expect([manifest.first, manifest.last, manifest.commits]).toEqual([1, head + subjects.size, head + subjects.size]);
    expect((await Array.fromAsync(readBackup({ store, seal, manifest }))).length).toBe(head + subjects.size);
  }, 120_000);

  it('is whole again when it is restored from the archive', async () => {
    const before = await everyFold();
    const manifest = await purge(head - 5);
    const commits = readBackup({ store, seal, manifest });
    await restoreLog({ connection, commits, lastKnown: manifest.last, replace: true });
    await log.close();
    log = await JetStreamEventLog.open({ connection });
    expect([await log.first(), await log.horizon()]).toEqual([1, undefined]);
    expect(await everyFold()).toEqual(before);
  }, 120_000);

  it('loses nothing where the purge is broken off, and the next one ends it', async () => {
    const before = await everyFold();
    const info = async () =>
      (await connection.request(`$JS.API.STREAM.INFO.${STREAM}`)).json<{
        config: object;
        state: { messages: number };
      }>();
    // Before the log names its beginning: nothing has happened.
    const { archived } = await archive(20);
    const torn = archived.parts.map((part, index) => ({
      ...part,
      bytes: (async function* () {
        if (index === 3) throw new Error('cut');
        yield* part.bytes;
      })(),
    }));
    await expect(purgeLog({ connection, archive: 'x', ...archived, parts: torn })).rejects.toThrow('cut');
    expect([await log.first(), (await info()).state.messages]).toEqual([1, head]);
    // After it: it begins there already, though all commits are there.
    await purge(30);
    const horizon = await log.horizon();
    const { config } = await info();
    const metadata = { ...(config as { metadata: Record<string, string> }).metadata, 'skyflow.io/purged-before': '30' };
    await connection.request(`$JS.API.STREAM.UPDATE.${STREAM}`, JSON.stringify({ ...config, metadata }));
    expect(horizon?.seq).toBe(30);
    expect(await everyFold()).toEqual(before);
    expect(await removePurged(connection)).toBe(true);
    expect(await everyFold()).toEqual(before);
  }, 120_000);

  it('gives an agent its part through a gateway, and a cluster that came later nothing', async () => {
    serveReaders({ connection, level: () => Promise.resolve(1), warn: (line) => expect(line).toBe('') });
    const before = await everyFold();
    await purge(head);
    for (const [index, cluster] of CLUSTERS.entries()) {
      const granted = await JetStreamEventLog.open({ connection, agentOf: cluster });
      expect(await made(agentFold, cluster, granted)).toBe(before[4 + index]);
      await granted.close();
    }
    const empty = JSON.stringify([...(agentFold.encode(agentFold.initial()) as Iterable<unknown>)]);
    const granted = await JetStreamEventLog.open({ connection, agentOf: 'new' });
    expect(await made(agentFold, 'new', granted)).toBe(empty);
    await granted.close();
  }, 120_000);

  it('is not folded by who has another fold, or by a snapshot of before; both are told the way out', async () => {
    await purge(head);
    const other = { ...schedulingStateFold, version: 'scheduling-state/next' };
    await expect(made(other)).rejects.toThrow(LogPurgedError);
    await expect(made(other)).rejects.toThrow(
      /no state of fold scheduling-state\/next .*skyctl backup checkpoint PLACE/,
    );
    // Who makes it a checkpoint of its own leaves those of the others.
    const before = await everyFold();
    await purge(head);
    expect(await everyFold()).toEqual(before);
    await connection.request(`$JS.API.STREAM.DELETE.${CHECKPOINT_STREAM}`);
    await expect(made(schedulingStateFold)).rejects.toThrow(/checkpoint .* is not in stream .*skyctl backup restore/);
  }, 120_000);

  it('keeps what is read again: the objects of work, the last decisions, the templates of rollouts', async () => {
    const projection = new Projection({ log, fold: objectsFold });
    await projection.start();
    const workloads = [...projection.state.table.all()].filter(({ workload }) => workload !== undefined);
    await projection.close();
    await purge(head);
    expect(workloads.length).toBeGreaterThan(0);
    for (const { uid, specPosition, workload } of workloads) {
      expect(await log.kept(keptRevisionsName(uid))).toMatchObject({ uid });
      expect(await log.kept(`entry.${specPosition}`)).toMatchObject({ data: { object: { metadata: { uid } } } });
      if (workload?.decision === undefined) continue;
      expect(await log.kept(`entry.${workload.decision.position}`)).toMatchObject({ type: 'PlacementDecided' });
    }
  }, 120_000);
});
