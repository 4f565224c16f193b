import { once } from 'node:events';
import { connect as dial, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AgentLinkError, serveStreams, type StreamHandler } from '@skyflow/agent-link';
import { type ConnectRequest, agentRequestSubject } from '@skyflow/contracts';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, TOKEN, startGatewayFixture, until } from '../testing/gateway-fixture.js';

let nats: NatsFixture;
let gateway: GatewayFixture;
const stop = new AbortController();
/** What the agent was asked, and how its last stream ended. */
let asked: ConnectRequest | undefined;
let ended: unknown;

/** Plays the agent and the API of its cluster: switches protocols, and sends everything back. */
const echo: StreamHandler = (request, signal, input) => {
  asked = request as ConnectRequest;
  ended = undefined;
  signal.addEventListener('abort', () => {
    ended = signal.reason;
  });
  if (asked.pod === 'away') throw new AgentLinkError('404', 'pods "away" not found');
  const bytes = asked.pod === 'breaks' ? broken(input) : input;
  return Promise.resolve(
    Object.assign(copyOf(bytes), { head: { headers: { upgrade: 'websocket', connection: 'Upgrade' } } }),
  );
};

async function* copyOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* bytes;
}

async function* broken(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const bytes of input) {
    yield bytes;
    throw new AgentLinkError('502', 'the container is gone');
  }
}

beforeAll(async () => {
  nats = await startNatsFixture();
  gateway = await startGatewayFixture(nats.url);
  for (const name of ['east', 'west']) {
    const cluster = {
      apiVersion: 'skyflow.io/v1',
      kind: 'Cluster',
      metadata: { name },
      spec: { manager: 'kubernetes' },
    };
    expect((await gateway.request('POST', '/apis/skyflow.io/v1/clusters', cluster)).status).toBe(201);
  }
  void serveStreams(gateway.nats, agentRequestSubject('east', 'connect'), echo, { signal: stop.signal });
  await gateway.nats.flush();
});

afterAll(async () => {
  stop.abort();
  await gateway.stop();
  await nats.stop();
});

interface Connection {
  socket: Socket;
  /** All that came, as text. */
  received: () => string;
  closed: Promise<unknown>;
}

async function upgrade(path: string, { method = 'GET', token = TOKEN } = {}): Promise<Connection> {
  const { port, hostname } = new URL(gateway.url);
  const socket = dial(Number(port), hostname);
  await once(socket, 'connect');
  let text = '';
  socket.on('data', (bytes) => (text += bytes.toString('latin1')));
  const closed = once(socket, 'close');
  socket.write(
    `${method} ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-protocol: v5.channel.k8s.io\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\ncookie: not-for-the-cluster\r\n\r\n`,
  );
  await until('an answer', () => text.includes('\r\n\r\n'));
  return { socket, received: () => text, closed };
}

const exec = (pod: string, query = 'command=sh&command=-c&container=main'): string =>
  `/api/v1/namespaces/default/pods/${pod}/exec?${query}`;

describe('a connection to a pod', () => {
  it('is asked of the agent with what makes the upgrade, and passes bytes both ways as they are', async () => {
    const { socket, received } = await upgrade(exec('web.east'));
    expect(received()).toMatch(/^HTTP\/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n/);
    expect(asked).toMatchObject({
      namespace: 'default',
      pod: 'web',
      subresource: 'exec',
      method: 'GET',
      query: 'command=sh&command=-c&container=main',
      headers: { upgrade: 'websocket', 'sec-websocket-protocol': 'v5.channel.k8s.io' },
    });
    expect(Object.keys(asked?.headers ?? {}).sort()).toEqual([
      'connection',
      'sec-websocket-key',
      'sec-websocket-protocol',
      'sec-websocket-version',
      'upgrade',
    ]);
    socket.write('to the pod and back');
    await until('the echo', () => received().endsWith('to the pod and back'));
    socket.destroy();
    await until('the end at the agent', () => ended !== undefined);
  });

  it('may be asked for with POST, as SPDY clients do', async () => {
    const { socket } = await upgrade(exec('web.east'), { method: 'POST' });
    expect(asked?.method).toBe('POST');
    socket.destroy();
  });

  it('is cut when the agent breaks it off', async () => {
    const { socket, received, closed } = await upgrade(exec('breaks.east'));
    socket.write('x');
    await closed;
    expect(received().endsWith('x')).toBe(true);
  });

  it.each([
    ['web.north', 404, 'there is no cluster "north"; clusters are: east, west'],
    ['web', 404, 'pods are named <pod>.<cluster>'],
    ['away.east', 404, 'pods "away" not found'],
    ['web.west', 503, 'the agent of cluster west does not answer; the cluster is INIT since 20'],
  ])('to %s is refused with %i and why', async (pod, code, why) => {
    const { received, closed } = await upgrade(exec(pod));
    await closed;
    expect(received()).toContain(`HTTP/1.1 ${code} `);
    expect(JSON.parse(received().split('\r\n\r\n')[1]!)).toMatchObject({
      kind: 'Status',
      code,
      message: expect.stringContaining(why),
    });
  });

  it('is refused without a token, and without an upgrade', async () => {
    const { received } = await upgrade(exec('web.east'), { token: 'wrong' });
    expect(received()).toContain('HTTP/1.1 401 ');
    const plain = await gateway.request('GET', exec('web.east'));
    expect(plain.body).toMatchObject({ code: 400, message: expect.stringContaining('ask for an upgrade') });
  });

  it('holds back a client whose pod does not read', async () => {
    const held = new AbortController();
    void serveStreams(
      gateway.nats,
      agentRequestSubject('west', 'connect'),
      (_request, signal) =>
        Promise.resolve(
          Object.assign(
            (async function* () {
              yield Buffer.from('open');
              await new Promise((resolve) => signal.addEventListener('abort', resolve));
            })(),
            { head: { headers: {} } },
          ),
        ),
      { signal: held.signal },
    );
    await gateway.nats.flush();
    const { socket } = await upgrade(exec('web.west'));
    const before = process.memoryUsage.rss();
    let sent = 0;
    const block = Buffer.alloc(1 << 20);
    // The kernel's buffers take some; then the gateway takes no more.
    while (sent < 256 << 20) {
      sent += block.length;
      if (socket.write(block)) continue;
      const drained = await Promise.race([
        once(socket, 'drain').then(() => true),
        new Promise<boolean>((resolve) => setTimeout(resolve, 1_000, false)),
      ]);
      if (!drained) break;
    }
    expect(sent).toBeLessThan(64 << 20);
    expect(process.memoryUsage.rss() - before).toBeLessThan(128 << 20);
    socket.destroy();
    held.abort();
  });
});
