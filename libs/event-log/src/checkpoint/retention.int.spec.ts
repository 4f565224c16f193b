/** How far back a real log goes, and what is noted beside it of who looks after that. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { JetStreamEventLog } from '../jetstream/jetstream-event-log.js';
import { appendEntries, rawEntry } from '../testing/index.js';
import { purgeLog } from './purge-log.js';
import { noteRetention } from './retention.js';

const retention = { keepMs: 7_776_000_000, everyMs: 86_400_000, ranAt: 1_800_000_000_000 };

describe('the age of a log', () => {
  let nats: NatsFixture;
  let connection: NatsConnection;
  let log: JetStreamEventLog;

  beforeEach(async () => {
    nats = await startNatsFixture({ syncAlways: false });
    connection = await connect({ servers: nats.url });
    log = await JetStreamEventLog.open({ connection });
  });
  afterEach(async () => {
    await log.close();
    await connection.close();
    await nats.stop();
  });

  it('is that of its oldest commit, and of its beginning where older ones were purged', async () => {
    expect(await log.age()).toEqual({ beginsAt: undefined, retention: undefined });
    for (let epoch = 1; epoch <= 3; epoch++) {
      await appendEntries(log, 'sky.evt.scheduler', rawEntry('EpochStarted', { epoch, holder: 'a' }));
    }
    const [first, , third] = (await Array.fromAsync(log.read())).map(({ storedAt }) => storedAt);
    expect(await log.age()).toEqual({ beginsAt: first, retention: undefined });
    const archived = { seq: 3, storedAt: third ?? 0, archive: '/archive', parts: [], kept: [] };
    await purgeLog({ connection, ...archived });
    expect(await log.age()).toEqual({ beginsAt: third, retention: undefined });
  });

  it('comes with what looks after it, over a purge, until somebody purges by hand; the stream stays as it was', async () => {
    await appendEntries(log, 'sky.evt.scheduler', rawEntry('EpochStarted', { epoch: 1, holder: 'a' }));
    await noteRetention(connection, undefined);
    await noteRetention(connection, retention);
    expect((await log.age()).retention).toEqual(retention);
    await purgeLog({ connection, seq: 1, storedAt: 5_000, archive: '/archive', parts: [], kept: [] });
    expect(await log.age()).toEqual({ beginsAt: 5_000, retention });
    await noteRetention(connection, { ...retention, ranAt: retention.ranAt + 1 });
    expect((await log.age()).retention?.ranAt).toBe(retention.ranAt + 1);
    await noteRetention(connection, undefined);
    expect(await log.age()).toEqual({ beginsAt: 5_000, retention: undefined });
    expect(await log.horizon()).toMatchObject({ seq: 1, archive: '/archive' });
    const again = await JetStreamEventLog.open({ connection, create: false });
    expect(await again.featureLevel()).toBe(await log.featureLevel());
  });
});
