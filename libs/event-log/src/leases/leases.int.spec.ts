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

  it('a holder that got no answer to what it wrote takes it over at once, under a larger epoch', async () => {
    const { leases } = await open();
    const unanswered = (await leases.tryAcquire('unanswered', 'a'))!;
    const lease = (await leases.tryAcquire('unanswered', 'a'))!;
    expect(lease.epoch).toBeGreaterThan(unanswered.epoch);
    expect(await leases.tryAcquire('unanswered', 'b')).toBeUndefined();
    await new Promise((resolve) => unanswered.lost.addEventListener('abort', resolve, { once: true }));
    expect(lease.lost.aborted).toBe(false);
    await lease.release();
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

  it('a holder that was killed is replaced when its lease ends, and not before', async () => {
    const { leases: a, connection } = await open();
    const { leases: b } = await open();
    const first = (await a.tryAcquire('killed', 'a'))!;
    const killedAt = performance.now();
    await connection.close(); // as the server sees a SIGKILL
    const second = await b.acquire('killed', 'b', AbortSignal.timeout(10_000));
    const tookMs = performance.now() - killedAt;
    expect(tookMs).toBeGreaterThan(ttlMs * 0.8);
    expect(tookMs).toBeLessThan(ttlMs + 1_000);
    expect(first.lost.aborted).toBe(true);
    expect(second.epoch).toBeGreaterThan(first.epoch);
    await second.release();
  });

  it('a holder that was paused sees that it has lost as soon as it runs again', async () => {
    const { leases: a } = await open();
    const { leases: b } = await open();
    const first = (await a.tryAcquire('paused', 'a'))!;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ttlMs + 300); // this process stands still, like SIGSTOP
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(first.lost.aborted).toBe(true);
    expect(String(first.lost.reason)).toMatch(/lease paused of epoch \d+ was not renewed in time/);
    const second = await b.acquire('paused', 'b', AbortSignal.timeout(10_000));
    expect(second.epoch).toBeGreaterThan(first.epoch);
    await second.release();
  });

  it('a holder that cannot reach the server sees that it has lost before another can have it', async () => {
    const { leases } = await open();
    const lease = (await leases.tryAcquire('cut', 'a'))!;
    nats.server.process.kill('SIGSTOP');
    const stoppedAt = performance.now();
    try {
      await new Promise((resolve) => lease.lost.addEventListener('abort', resolve, { once: true }));
      expect(performance.now() - stoppedAt).toBeLessThan(ttlMs);
    } finally {
      nats.server.process.kill('SIGCONT');
    }
  });

  it('a lease outlives a crash of the server', async () => {
    const { leases } = await open();
    const lease = (await leases.tryAcquire('crash', 'a'))!;
    await nats.kill9();
    await nats.restart();
    await new Promise((resolve) => setTimeout(resolve, 1.5 * ttlMs));
    expect(lease.lost.aborted).toBe(false);
    expect(await leases.holderOf('crash')).toEqual({ holder: 'a', epoch: lease.epoch });
    await lease.release();
  });

  it('a bucket that vanished is made anew, and epochs go on rising', async () => {
    const { leases, connection } = await open();
    const first = (await leases.tryAcquire('vanished', 'a'))!;
    await connection.request('$JS.API.STREAM.DELETE.KV_SKYFLOW_LEASES');
    const second = await leases.acquire('vanished', 'b', AbortSignal.timeout(5_000));
    expect(second.epoch).toBeGreaterThan(first.epoch);
    await new Promise((resolve) => setTimeout(resolve, ttlMs / 2));
    expect(first.lost.aborted).toBe(true);
    await second.release();
  });

  it('services that disagree on the ttl are told so', async () => {
    const { connection } = await open();
    await expect(Leases.open({ connection, ttlMs: 9_000 })).rejects.toThrow(/its ttl is 1500 ms, needed is 9000 ms/);
  });
});
