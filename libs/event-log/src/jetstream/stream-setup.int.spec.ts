import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startNatsFixture, type NatsFixture } from '@skyflow/nats-server/testing';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { LogSetupError } from '../event-log.js';
import { JetStreamEventLog } from './jetstream-event-log.js';

describe('The checks at start', () => {
  let nats: NatsFixture;
  let connection: NatsConnection;
  const api = async (verb: string, body: unknown = {}): Promise<Record<string, unknown>> =>
    (await connection.request(`$JS.API.${verb}`, JSON.stringify(body))).json();

  beforeAll(async () => {
    nats = await startNatsFixture();
    connection = await connect({ servers: nats.url });
  });
  beforeEach(() => api('STREAM.DELETE.SKYFLOW'));
  afterAll(async () => {
    await connection.close();
    await nats.stop();
  });

  it('take a stream that was made by an earlier start', async () => {
    await JetStreamEventLog.open({ connection });
    const again = await JetStreamEventLog.open({ connection, create: false });
    expect(await again.head()).toBe(0);
  });

  it('several services may create the stream at once', async () => {
    const logs = await Promise.all(Array.from({ length: 5 }, () => JetStreamEventLog.open({ connection })));
    expect(await Promise.all(logs.map((log) => log.head()))).toEqual([0, 0, 0, 0, 0]);
  });

  it('say that the stream is missing when they may not create it', async () => {
    await expect(JetStreamEventLog.open({ connection, create: false })).rejects.toThrow(
      /stream SKYFLOW does not exist: start the api-gateway, which creates it/,
    );
  });

  it.each([
    ['max_msgs_per_subject', { max_msgs_per_subject: 1 }, 'max_msgs_per_subject is 1, needed is -1'],
    ['discard', { discard: 'old' }, 'discard is "old", needed is "new"'],
    ['max_age', { max_age: 3_600_000_000_000 }, 'max_age is 3600000000000, needed is 0'],
    ['duplicate_window', { duplicate_window: 1_000_000_000 }, 'duplicate_window is 1000000000, needed is 120000000000'],
    ['max_msg_size', { max_msg_size: 1_000 }, 'max_msg_size is 1000, needed is at least 1048576'],
    ['subjects', { subjects: ['sky.cmd.*', 'sky.evt.*'] }, 'subjects is ["sky.cmd.*","sky.evt.*"], needed is'],
    ['allow_direct', { allow_direct: false }, 'allow_direct is false, needed is true'],
  ])('name a setting that differs, its value, what is needed and the way out: %s', async (_, change, message) => {
    await JetStreamEventLog.open({ connection });
    const { config } = await api('STREAM.INFO.SKYFLOW');
    expect((await api('STREAM.UPDATE.SKYFLOW', { ...(config as object), ...change })).error).toBeUndefined();
    const opening = JetStreamEventLog.open({ connection });
    await expect(opening).rejects.toThrow(LogSetupError);
    await expect(opening).rejects.toThrow(`stream SKYFLOW: ${message}`);
    await expect(opening).rejects.toThrow(/nats stream edit SKYFLOW/);
  });

  it('refuse a foreign stream of the same name', async () => {
    await api('STREAM.CREATE.SKYFLOW', { name: 'SKYFLOW', subjects: ['other.>'], storage: 'memory' });
    await expect(JetStreamEventLog.open({ connection })).rejects.toThrow(/subjects is \["other\.>"\]/);
  });

  it('refuse a number of copies that was not asked for', async () => {
    await JetStreamEventLog.open({ connection });
    await expect(JetStreamEventLog.open({ connection, replicas: 3 })).rejects.toThrow(/num_replicas is 1, needed is 3/);
  });

  it.each([
    ['2.9.25', true],
    ['2.10.0', false],
    ['2.10.27', false],
    ['2.15.2', false],
    ['3.0.0-RC.1', false],
  ])('refuse an old server: %s', async (version, refused) => {
    const old = new Proxy(connection, {
      get: (target, key) => {
        if (key === 'info') return { ...target.info, version };
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    const opening = JetStreamEventLog.open({ connection: old });
    if (refused)
      await expect(opening).rejects.toThrow(/nats-server is version 2\.9\.25, SkyFlow needs 2\.10\.0 or newer/);
    else await expect(opening).resolves.toBeInstanceOf(JetStreamEventLog);
  });
});
