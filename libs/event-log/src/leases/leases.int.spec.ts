import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startNatsFixture, type NatsFixture } from '@skyflow/nats-server/testing';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { Leases } from './leases.js';

const ttlMs = 1_500;

describe('Leases', () => {
  let nats: NatsFixture;
  let connections: NatsConnection[] = [];
  const open = async (): Promise<{ leases: Leases; connection: NatsConnection }> => {
    const connection = await connect({ servers: nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    connections.push(connection);
    return { leases: await Leases.open({ connection, ttlMs }), connection };
  };

  beforeAll(async () => {
    nats = await startNatsFixture();
  });
  afterAll(() => nats.stop());
  afterEach(async () => {
    await Promise.all(connections.map((connection) => connection.close()));
    connections = [];
  });

  it('one of several gets the lease, and everybody can see who', async () => {
    const { leases: a } = await open();
    const { leases: b } = await open();
    const got = await Promise.all([a.tryAcquire('one', 'a'), b.tryAcquire('one', 'b')]);
    const held = got.filter((lease) => lease !== undefined);
    expect(held).toHaveLength(1);
    expect(await a.holderOf('one')).toEqual({ holder: held[0]!.holder, epoch: held[0]!.epoch });
    await held[0]!.release();
    expect(await b.holderOf('one')).toBeUndefined();
  });

  it('a released lease is taken at once, with a larger epoch', async () => {
    const { leases } = await open();
    const first = (await leases.tryAcquire('released', 'a'))!;
    const waiting = leases.acquire('released', 'b', AbortSignal.timeout(10_000));
    await first.release();
    expect(first.lost.aborted).toBe(true);
    const releasedAt = performance.now();
    const second = await waiting;
    expect(performance.now() - releasedAt).toBeLessThan(ttlMs / 2);
    expect(second.epoch).toBeGreaterThan(first.epoch);
    await second.release();
  });

  it('a holder keeps it by renewing, for longer than it lasts', async () => {
    const { leases } = await open();
    const lease = (await leases.tryAcquire('kept', 'a'))!;
    const until = performance.now() + 2.5 * ttlMs;
    while (performance.now() < until) {
      expect(await leases.tryAcquire('kept', 'b')).toBeUndefined();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(lease.lost.aborted).toBe(false);
    expect(await leases.holderOf('kept')).toEqual({ holder: 'a', epoch: lease.epoch });
    await lease.release();
  });
});
