import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startNatsFixture, type NatsFixture } from '@skyflow/nats-server/testing';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import {
  AGENT_UNAVAILABLE,
  AgentLinkError,
  askAgent,
  openStream,
  serveStreams,
  STREAM_BROKEN,
  WINDOW_BYTES,
} from './index.js';
import type { StreamHandler } from './index.js';

const SUBJECT = 'sky.agent.onprem.logs';
const FAST = { aliveMs: 50, silenceMs: 1_500 };

let nats: NatsFixture;
let gateway: NatsConnection;
let agent: NatsConnection;
let stop: AbortController;
let serving: Promise<void>[];

beforeAll(async () => {
  nats = await startNatsFixture();
}, 120_000);
afterAll(() => nats.stop());
beforeEach(async () => {
  [gateway, agent] = await Promise.all([connect({ servers: nats.url }), connect({ servers: nats.url })]);
  stop = new AbortController();
  serving = [];
});
afterEach(async () => {
  stop.abort();
  await Promise.all(serving);
  await Promise.all([gateway.close(), agent.close()]);
});

async function serve(handler: StreamHandler): Promise<void> {
  serving.push(serveStreams(agent, SUBJECT, handler, { signal: stop.signal, ...FAST }));
  await agent.flush();
}
async function* bytesOf(count: number, size: number, seen: { produced: number }): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < count; n++) {
    seen.produced += size;
    yield await Promise.resolve(Buffer.alloc(size, n & 0xff));
  }
}
async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(stream));
}
async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('not within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('a stream over NATS', () => {
  it('brings every byte in order, whatever the size of the pieces, many streams at once', async () => {
    await serve((request) => {
      const { count, size } = request as { count: number; size: number };
      return Promise.resolve(bytesOf(count, size, { produced: 0 }));
    });
    const requests = [
      { count: 0, size: 1 },
      { count: 1_000, size: 7 },
      { count: 5, size: 1_500_000 },
      ...Array.from({ length: 20 }, (_, n) => ({ count: 20 + n, size: 30_000 })),
    ];
    await Promise.all(
      requests.map(async (request) => {
        const received = await collect(openStream(gateway, SUBJECT, request, FAST));
        const expected = await collect(bytesOf(request.count, request.size, { produced: 0 }));
        expect(received.equals(expected)).toBe(true);
      }),
    );
  });

  it('holds back the source of a slow reader instead of filling memory', async () => {
    const seen = { produced: 0 };
    await serve(() => Promise.resolve(bytesOf(400, 100_000, seen)));
    const windowBytes = 1_000_000;
    let read = 0;
    let ahead = 0;
    for await (const chunk of openStream(gateway, SUBJECT, {}, { ...FAST, windowBytes })) {
      read += chunk.length;
      if (read % 5_000_000 < 100_000) await new Promise((resolve) => setTimeout(resolve, 20));
      ahead = Math.max(ahead, seen.produced - read);
    }
    expect(read).toBe(40_000_000);
    expect(ahead).toBeLessThanOrEqual(windowBytes + 200_000);
  });

  it('keeps a stream alive whose reader pauses for long, and one that has nothing to say', async () => {
    let release: () => void = () => undefined;
    await serve(() =>
      Promise.resolve(
        (async function* () {
          yield Buffer.from('first');
          await new Promise<void>((resolve) => (release = resolve));
          yield Buffer.from('second');
        })(),
      ),
    );
    const stream = openStream(gateway, SUBJECT, {}, FAST);
    const reader = stream[Symbol.asyncIterator]();
    await stream.opened;
    await new Promise((resolve) => setTimeout(resolve, FAST.silenceMs * 2));
    expect(String((await reader.next()).value)).toBe('first');
    await new Promise((resolve) => setTimeout(resolve, FAST.silenceMs * 2));
    release();
    expect(String((await reader.next()).value)).toBe('second');
    expect((await reader.next()).done).toBe(true);
  });

  it('passes on the refusal of the agent with its code and message', async () => {
    await serve(() => Promise.reject(Object.assign(new Error('pods "web-1" not found'), { code: 404 })));
    const stream = openStream(gateway, SUBJECT, {}, FAST);
    await expect(stream.opened).rejects.toThrow('pods "web-1" not found');
    const error = await collect(stream).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AgentLinkError);
    expect(error).toMatchObject({ code: '404', httpStatus: 404, message: 'pods "web-1" not found' });
  });

  it('delivers what came before an error half-way', async () => {
    await serve(() =>
      Promise.resolve(
        (async function* () {
          yield await Promise.resolve(Buffer.from('so far'));
          throw new Error('the container is gone');
        })(),
      ),
    );
    const reader = openStream(gateway, SUBJECT, {}, FAST)[Symbol.asyncIterator]();
    expect(String((await reader.next()).value)).toBe('so far');
    await expect(reader.next()).rejects.toThrow('the container is gone');
  });

  it('says that the agent of the cluster is away when nobody serves it', async () => {
    const started = performance.now();
    const error = await collect(openStream(gateway, SUBJECT, {})).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: AGENT_UNAVAILABLE,
      httpStatus: 503,
      message: expect.stringContaining('onprem'),
    });
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('ends the work of the agent when the client leaves the loop, and when it aborts', async () => {
    const signals: AbortSignal[] = [];
    await serve((_request, signal) => {
      signals.push(signal);
      return Promise.resolve(bytesOf(1e9, 1_000, { produced: 0 }));
    });
    for await (const _ of openStream(gateway, SUBJECT, {}, FAST)) break;
    await until(() => signals[0]?.aborted === true);
    const leaving = new AbortController();
    const stream = collect(openStream(gateway, SUBJECT, {}, { ...FAST, signal: leaving.signal }));
    await until(() => signals.length === 2);
    leaving.abort(new Error('the user left'));
    await expect(stream).rejects.toThrow('the user left');
    await until(() => signals[1]?.aborted === true);
  });

  it('breaks at the client when the agent dies, and at the agent when the client dies', async () => {
    let signal: AbortSignal | undefined;
    await serve((_request, given) => {
      signal = given;
      return Promise.resolve(
        (async function* () {
          yield Buffer.from('x');
          await new Promise((resolve) => given.addEventListener('abort', resolve));
        })(),
      );
    });
    const doomed = await connect({ servers: nats.url });
    const forgotten = openStream(doomed, SUBJECT, {}, FAST);
    await forgotten.opened;
    await doomed.close();
    await until(() => signal?.aborted === true);

    const stream = collect(openStream(gateway, SUBJECT, {}, FAST));
    await until(() => signal?.aborted === false);
    await agent.close();
    await expect(stream).rejects.toMatchObject({ code: STREAM_BROKEN });
  });

  it('is refused by an agent that stops, in words', async () => {
    await serve((_request, signal) =>
      Promise.resolve(
        (async function* () {
          yield Buffer.from('x');
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
        })(),
      ),
    );
    const reader = openStream(gateway, SUBJECT, {}, FAST)[Symbol.asyncIterator]();
    await reader.next();
    stop.abort();
    await expect(reader.next()).rejects.toThrow('the agent is stopping');
  });
});

describe('a stream in both directions', () => {
  const echo: StreamHandler = (_request, _signal, input) => Promise.resolve(input);

  it('brings the bytes of the client to the agent in order, and their end, while the answer goes on', async () => {
    await serve((_request, _signal, input) =>
      Promise.resolve(
        (async function* () {
          let size = 0;
          for await (const bytes of input) yield ((size += bytes.length), bytes);
          yield Buffer.from(`|${size} bytes`);
        })(),
      ),
    );
    const sent = await collect(bytesOf(3_000, 1_001, { produced: 0 }));
    const input = bytesOf(3_000, 1_001, { produced: 0 });
    const received = await collect(openStream(gateway, SUBJECT, {}, { ...FAST, input }));
    expect(received.equals(Buffer.concat([sent, Buffer.from('|3003000 bytes')]))).toBe(true);
  });

  it('reads no more of the input than the agent has room for', async () => {
    const seen = { produced: 0 };
    let goOn: () => void = () => undefined;
    await serve((_request, _signal, input) =>
      Promise.resolve(
        (async function* () {
          let size = 0;
          yield Buffer.from('ready');
          await new Promise<void>((resolve) => (goOn = resolve));
          for await (const bytes of input) size += bytes.length;
          yield Buffer.from(String(size));
        })(),
      ),
    );
    const input = bytesOf(400, 100_000, seen);
    const reader = openStream(gateway, SUBJECT, {}, { ...FAST, input })[Symbol.asyncIterator]();
    await reader.next();
    await until(() => seen.produced >= WINDOW_BYTES);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(seen.produced).toBeLessThanOrEqual(WINDOW_BYTES + 200_000);
    goOn();
    expect(String((await reader.next()).value)).toBe('40000000');
  });

  it('tells the client something first when the agent says it', async () => {
    await serve((_request, _signal, input) =>
      Promise.resolve(Object.assign(toGenerator(input), { head: { status: 101 } })),
    );
    const stream = openStream(gateway, SUBJECT, {}, { ...FAST, input: bytesOf(1, 3, { produced: 0 }) });
    expect(await stream.opened).toEqual({ status: 101 });
    expect(await collect(stream)).toHaveLength(3);
  });

  it('ends at the agent when the input fails, and at the client with that error', async () => {
    let ended: unknown;
    await serve((_request, signal, input) => {
      signal.addEventListener('abort', () => {
        ended = signal.reason;
      });
      return Promise.resolve(input);
    });
    const input = (async function* () {
      yield await Promise.resolve(Buffer.from('x'));
      throw new Error('the terminal is gone');
    })();
    await expect(collect(openStream(gateway, SUBJECT, {}, { ...FAST, input }))).rejects.toThrow('the terminal is gone');
    await until(() => ended !== undefined);
  });

  it('lets go of a handler that waits for input when the client leaves', async () => {
    let finished = false;
    await serve((_request, _signal, input) =>
      Promise.resolve(
        (async function* () {
          yield Buffer.from('x');
          try {
            for await (const bytes of input) yield bytes;
          } finally {
            finished = true;
          }
        })(),
      ),
    );
    let stop: () => void = () => undefined;
    const input = (async function* (): AsyncGenerator<Uint8Array> {
      await new Promise<void>((resolve) => (stop = resolve));
      yield Buffer.alloc(0);
    })();
    for await (const _ of openStream(gateway, SUBJECT, {}, { ...FAST, input })) break;
    await until(() => finished);
    stop();
  });

  it('has no input when the client sends none', async () => {
    await serve(echo);
    expect(await collect(openStream(gateway, SUBJECT, {}, FAST))).toHaveLength(0);
  });
});

async function* toGenerator(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* bytes;
}

describe('a question to an agent', () => {
  it('gets an answer of any size', async () => {
    const pods = Array.from({ length: 50_000 }, (_, n) => ({ name: `pod-${n}`, padding: 'x'.repeat(40) }));
    await serve(() => Promise.resolve([Buffer.from(JSON.stringify({ pods }))] as unknown as AsyncIterable<Uint8Array>));
    expect(await askAgent(gateway, SUBJECT, {}, FAST)).toEqual({ pods });
  });

  it('asked plainly gets one reply, or the error in the headers', async () => {
    await serve((request) =>
      (request as { fail?: boolean }).fail === true
        ? Promise.reject(Object.assign(new Error('no such\nnamespace'), { code: 404 }))
        : Promise.resolve(bytesOf(1, 3, { produced: 0 })),
    );
    const reply = await gateway.request(SUBJECT, '{}', { timeout: 2_000 });
    expect([...reply.data]).toEqual([0, 0, 0]);
    const refused = await gateway.request(SUBJECT, '{"fail":true}', { timeout: 2_000 });
    expect(refused.headers?.get('Nats-Service-Error-Code')).toBe('404');
    expect(refused.headers?.get('Nats-Service-Error')).toBe('no such namespace');
  });
});
