import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from '@jest/globals';
import { TestKeys, startNatsFixture, type NatsFixture } from '@skyflow/nats-server/testing';
import type { NatsConnection } from '@nats-io/transport-node';
import { AGENT_UNAVAILABLE, STREAM_BROKEN, openStream, serveStreams, type StreamHandler } from './index.js';

const SUBJECT = 'sky.agent.east.connect';
const FAST = { aliveMs: 50, silenceMs: 20_000 };

describe('a stream between a gateway and an agent that have accounts of their own', () => {
  const keys = new TestKeys(['east', 'west']);
  let nats: NatsFixture;
  let gateway: NatsConnection;
  let agent: NatsConnection;
  let stop: AbortController;
  let serving: Promise<void>;

  beforeAll(async () => {
    nats = await startNatsFixture({ accounts: keys.accounts() });
  }, 120_000);
  afterAll(() => nats.stop());
  beforeEach(async () => {
    gateway = await keys.connect(nats.url, { service: 'api-gateway' });
    agent = await keys.connect(nats.url, { agent: 'east' });
    stop = new AbortController();
  });
  afterEach(async () => {
    stop.abort();
    await serving;
    await Promise.all([gateway.close(), agent.close()]);
  });
  async function serve(handler: StreamHandler): Promise<void> {
    serving = serveStreams(agent, SUBJECT, handler, { signal: stop.signal, ...FAST });
    await agent.flush();
  }

  it('brings every byte, both ways, more than any window', async () => {
    await serve((_request, _signal, input) => Promise.resolve(input));
    const sent = Buffer.alloc(3_000_000, 'abcdefg');
    const pieces = (async function* () {
      for (let at = 0; at < sent.length; at += 10_000) yield await Promise.resolve(sent.subarray(at, at + 10_000));
    })();
    const streams = Array.from({ length: 5 }, () => openStream(gateway, SUBJECT, {}, FAST));
    const received = await Array.fromAsync(openStream(gateway, SUBJECT, {}, { ...FAST, input: pieces }));
    expect(Buffer.concat(received).equals(sent)).toBe(true);
    for (const stream of streams) expect(await Array.fromAsync(stream)).toEqual([]);
  });

  it('says at once that the agent is away, and that it died', async () => {
    serving = Promise.resolve();
    const away = Array.fromAsync(openStream(gateway, 'sky.agent.west.logs', {}, FAST));
    await expect(away).rejects.toMatchObject({ code: AGENT_UNAVAILABLE });
    await serve((_request, signal) =>
      Promise.resolve(
        (async function* () {
          yield Buffer.from('x');
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
        })(),
      ),
    );
    const stream = openStream(gateway, SUBJECT, {}, FAST);
    await stream.opened;
    const ended = Array.fromAsync(stream);
    await agent.close();
    // It has nothing to say to an agent until it read something; silence would tell after 20 s.
    await expect(ended).rejects.toMatchObject({ code: STREAM_BROKEN });
  }, 30_000);

  it('ends at the agent when the gateway dies, long before silence would tell', async () => {
    const gone = Promise.withResolvers<number>();
    await serve((_request, signal) => {
      const since = performance.now();
      signal.addEventListener('abort', () => gone.resolve(performance.now() - since));
      return Promise.resolve(
        (async function* () {
          yield Buffer.from('x');
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
        })(),
      );
    });
    const doomed = await keys.connect(nats.url, { service: 'api-gateway' });
    const forgotten = openStream(doomed, SUBJECT, {}, { ...FAST, signal: stop.signal });
    await forgotten.opened;
    await doomed.close();
    expect(await gone.promise).toBeLessThan(10_000);
  });
});
