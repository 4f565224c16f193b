import { describe, expect, it, jest } from '@jest/globals';
import type { NatsConnection, Status, Subscription, SubscriptionOptions } from '@nats-io/transport-node';
import { Heartbeats } from './heartbeats.js';

/** A connection that hears what the test says. */
class StandIn {
  private readonly callbacks = new Map<string, SubscriptionOptions['callback']>();
  private readonly statuses: Status[] = [];
  private wake: () => void = () => undefined;
  private closed = false;

  readonly connection = {
    subscribe: (subject: string, options: SubscriptionOptions): Subscription => {
      this.callbacks.set(subject, options.callback);
      return {} as Subscription;
    },
    status: () => this.follow(),
  } as unknown as NatsConnection;

  say(subject: string, text: string): void {
    void this.callbacks.get(subject)?.(null, { data: Buffer.from(text) } as never);
  }

  async becomes(type: 'disconnect' | 'reconnect'): Promise<void> {
    this.statuses.push({ type, server: 'x' });
    this.wake();
    await Promise.resolve();
    await new Promise(setImmediate);
  }

  close(): void {
    this.closed = true;
    this.wake();
  }

  private async *follow(): AsyncGenerator<Status> {
    while (!this.closed) {
      const status = this.statuses.shift();
      if (status !== undefined) yield status;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}

const agent = (cluster: string, uid = 'u'): string =>
  JSON.stringify({ cluster, uid, instance: 'i', at: 1, reachable: true, workSeq: 3 });
const service = (name: string, instance: string): string =>
  JSON.stringify({ service: name, instance, at: 1, version: '1', active: true, foldedSeq: 1, failures: {} });

describe('signs of life', () => {
  it('are kept by cluster, for the Cluster object that the agent serves only', () => {
    const nats = new StandIn();
    const heartbeats = new Heartbeats();
    heartbeats.listen(nats.connection);
    nats.say('sky.hb.*', agent('east'));
    const liveness = heartbeats.liveness();
    expect(liveness.lastHeartbeatMs('east', 'u')).toBeCloseTo(Date.now(), -3);
    expect(liveness.lastHeartbeatMs('east', 'another')).toBeUndefined();
    expect(liveness.lastHeartbeatMs('west', 'u')).toBeUndefined();
    nats.close();
  });

  it('of services are forgotten when they stay away', () => {
    jest.useFakeTimers({ now: 1_000_000 });
    const nats = new StandIn();
    const heartbeats = new Heartbeats();
    heartbeats.listen(nats.connection);
    nats.say('sky.svc.*', service('scheduler', '1'));
    jest.advanceTimersByTime(50_000);
    nats.say('sky.svc.*', service('mesh-controller', '2'));
    expect(heartbeats.heardServices().map(({ heartbeat }) => heartbeat.service)).toEqual([
      'mesh-controller',
      'scheduler',
    ]);
    jest.advanceTimersByTime(20_000);
    expect(heartbeats.heardServices().map(({ heartbeat }) => heartbeat.service)).toEqual(['mesh-controller']);
    jest.useRealTimers();
    nats.close();
  });

  it('are as old after the clock was set as before', () => {
    jest.useFakeTimers({ now: 1_000_000_000 });
    const nats = new StandIn();
    const heartbeats = new Heartbeats();
    heartbeats.listen(nats.connection);
    nats.say('sky.hb.*', agent('east'));
    nats.say('sky.svc.*', service('scheduler', '1'));
    jest.advanceTimersByTime(1_000);
    for (const now of [1_007_200_000, 900_000_000]) {
      jest.setSystemTime(now);
      const liveness = heartbeats.liveness();
      expect([liveness.nowMs, liveness.lastHeartbeatMs('east', 'u'), liveness.listeningSinceMs]).toEqual([
        now,
        now - 1_000,
        now - 1_000,
      ]);
      expect(heartbeats.heardServices().map(({ atMs }) => atMs)).toEqual([now - 1_000]);
      expect(heartbeats.announced(60_000).map(({ who, lastHeardMs }) => [who, lastHeardMs])).toEqual([
        ['agent of east', now - 1_000],
        ['scheduler', now - 1_000],
      ]);
      expect(heartbeats.heardSinceMs).toBe(now - 1_000);
    }
    jest.useRealTimers();
    nats.close();
  });

  it.each(['', 'no JSON', '{}', '{"cluster":1}', agent('east').replace('"u"', '""')])(
    'are not read from %p',
    (text) => {
      const nats = new StandIn();
      const heartbeats = new Heartbeats();
      heartbeats.listen(nats.connection);
      nats.say('sky.hb.*', text);
      expect(heartbeats.heardAgents()).toEqual([]);
      nats.close();
    },
  );

  it('are waited for anew after the connection was lost: silence of our own is not the clusters’', async () => {
    const nats = new StandIn();
    const heartbeats = new Heartbeats();
    heartbeats.listen(nats.connection);
    const before = heartbeats.liveness().listeningSinceMs;
    await nats.becomes('disconnect');
    expect(heartbeats.isConnected).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await nats.becomes('reconnect');
    expect(heartbeats.isConnected).toBe(true);
    expect(heartbeats.liveness().listeningSinceMs).toBeGreaterThan(before);
    nats.close();
  });
});
