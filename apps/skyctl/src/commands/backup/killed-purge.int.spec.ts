/**
 * A purge that is killed (SIGKILL) at each of its steps, on a real log in a real stream: whoever starts then is as before, and the next purge
 * ends it.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { CHECKPOINT_STREAM, type Commit, STREAM } from '@skyflow/contracts';
import { objectsFold, schedulingStateFold } from '@skyflow/domain';
import { type Fold, JetStreamEventLog, Projection } from '@skyflow/event-log';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';

const RECORDED = join(import.meta.dirname, '../../../../../tests/recorded-logs/v0.1/walk-through.log.gz');
/** What skyctl loads for it, as built. */
const ENGINE = join(import.meta.dirname, '../../../dist/backup.cjs');
/** Purges as `skyctl backup purge` does, and ends itself before or after what STEP names, the TIMES-th time. */
const PROGRAM = `
import { createRequire } from 'node:module';
const { ENGINE, NATS_URL, PLACE, SEQ, STEP = 'never', TIMES } = process.env;
const engine = createRequire(ENGINE)(ENGINE);
let left = Number(TIMES);
const at = (step) => { if (step.startsWith(STEP) && --left === 0) process.kill(process.pid, 'SIGKILL'); };
const around = (object, name, nameOf) => {
  const was = object[name].bind(object);
  object[name] = async (...args) => {
    at('before ' + nameOf(args));
    const result = await was(...args);
    at('after ' + nameOf(args));
    return result;
  };
};
const connection = await engine.connect({ servers: NATS_URL });
const store = new engine.DirectoryBackupStore(PLACE);
around(connection, 'request', ([subject]) => subject);
around(store, 'put', ([key]) => key);
const log = await engine.JetStreamEventLog.open({ connection, create: false });
async function* read(from, to) {
  if (from < (await log.first())) return;
  for await (const { seq, subject, storedAt, bytes } of log.read({ from, ...(to && { to }), keepBytes: true }))
    yield { seq, subject, storedAt, data: Buffer.from(bytes).toString('utf8') };
}
const seal = await engine.BackupSeal.begin(store, Buffer.alloc(32, 7));
await engine.removePurged(connection);
const { manifest } = await engine.createBackup({ store, seal, read, nowMs: Date.now, segmentBytes: 20_000 });
const archived = await engine.foldArchive({ store, seal, manifest }, Number(SEQ));
await engine.purgeLog({ connection, archive: PLACE, ...archived });
await connection.close();
`;

const STEPS: readonly (readonly [step: string, times: number])[] = [
  ['after segments/', 2],
  ['before backups/', 1],
  ['after sky-checkpoint', 2],
  ['before $JS.API.STREAM.UPDATE', 1],
  ['after $JS.API.STREAM.UPDATE', 1],
  ['after $JS.API.STREAM.PURGE', 2],
  [`before $JS.API.STREAM.PURGE.${CHECKPOINT_STREAM}`, 1],
];

describe('a purge that is killed', () => {
  let nats: NatsFixture;
  let connection: NatsConnection;
  let log: JetStreamEventLog;
  let place: string;
  let seq: number;
  let before: string[];

  beforeAll(async () => {
    nats = await startNatsFixture({ syncAlways: false });
    connection = await connect({ servers: nats.url });
    log = await JetStreamEventLog.open({ connection });
    place = await mkdtemp(join(tmpdir(), 'skyflow-killed-purge-'));
    const lines = gunzipSync(await readFile(RECORDED))
      .toString()
      .trimEnd()
      .split('\n');
    for (const line of lines) {
      const { subject, commit } = JSON.parse(line) as { subject: string; commit: Commit };
      await log.append(subject, commit, await log.subjectHead(subject));
    }
    seq = (await log.head()) - 10;
    before = await folded();
  }, 120_000);
  afterAll(async () => {
    await log.close();
    await connection.close();
    await nats.stop();
    await rm(place, { recursive: true, force: true });
  });

  const made = async <S>(fold: Fold<S>): Promise<string> => {
    const projection = new Projection({ log, fold });
    await projection.start();
    const pieces = [...(fold.encode?.(projection.state) ?? [])];
    await projection.close();
    return JSON.stringify(pieces);
  };
  const folded = async (): Promise<string[]> => [await made(objectsFold), await made(schedulingStateFold)];
  /** @returns the signal that ended it */
  const purge = async (step?: string, times = 1): Promise<string | undefined> => {
    const { NODE_OPTIONS: _jestOnly, ...inherited } = process.env;
    const program = { ENGINE, NATS_URL: nats.url, PLACE: place, SEQ: String(seq), TIMES: String(times) };
    const env = { ...inherited, ...program, ...(step === undefined ? {} : { STEP: step }) };
    try {
      await promisify(execFile)(process.execPath, ['--input-type=module', '-e', PROGRAM], { env });
      return undefined;
    } catch (error) {
      const { signal, stderr } = error as { signal?: string; stderr?: string };
      return signal ?? stderr;
    }
  };
  const infoOf = async (stream: string) =>
    (await connection.request(`$JS.API.STREAM.INFO.${stream}`, '{"subjects_filter":">"}')).json<{
      state: { messages: number; subjects?: Record<string, number> };
    }>();
  const checkpoints = async (): Promise<string[]> => {
    const { state } = await infoOf(CHECKPOINT_STREAM);
    return [...new Set(Object.keys(state.subjects ?? {}).map((subject) => subject.split('.')[1] ?? ''))];
  };

  it('at each step leaves a log that everybody makes the same of, and the next one ends it', async () => {
    for (const [step, times] of STEPS) {
      expect([step, await purge(step, times)]).toEqual([step, 'SIGKILL']);
      expect([step, await folded()]).toEqual([step, before]);
    }
    expect(await purge()).toBeUndefined();
    expect(await log.horizon()).toMatchObject({ seq, archive: place });
    expect(await folded()).toEqual(before);
    const [{ state }, left] = [await infoOf(STREAM), await checkpoints()];
    expect(left).toHaveLength(1);
    // Again: nothing more goes, and there is one checkpoint as before.
    expect(await purge()).toBeUndefined();
    expect((await infoOf(STREAM)).state.messages).toBe(state.messages);
    expect(await checkpoints()).toHaveLength(1);
    expect(await folded()).toEqual(before);
  }, 240_000);
});
