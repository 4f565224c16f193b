/** Two gateways carry connections between pods and clients that are real sockets. */
import { createHash, randomBytes } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { GatewayListener } from '@skyflow/contracts';
import { CARRIAGES, dial, FAST, freePort, identityOf, Path, Pod, readAll, Site, until } from './testing/bed.js';

const MIB = 1024 * 1024;

describe.each(CARRIAGES)('a gateway that carries $name', ({ a: limitsOfA, b: limitsOfB, lanes }) => {
  let a: Site;
  let b: Site;
  let pods: Pod[];

  const pod = async (onConnection: (socket: Socket) => void): Promise<Pod> => {
    const made = await Pod.run(onConnection);
    pods.push(made);
    return made;
  };
  /** b has the pod, a has the virtual endpoint. */
  const joined = async (target: Pod, how = {}): Promise<GatewayListener> => {
    b.export('web', ['a'], { p1: target.port });
    const endpoint = await a.listen('b', 'web', 'p1');
    await connected(how);
    return endpoint;
  };
  const connected = async ({ reverse = false } = {}): Promise<void> => {
    a.peer(b, { addresses: [] });
    b.peer(a, { addresses: [] });
    await Promise.all([a.apply(), b.apply()]);
    if (reverse) b.peer(a, { reverse });
    else a.peer(b);
    await Promise.all([a.apply(), b.apply()]);
    await until('a session is up', () => a.gateway.status().peers.every(({ state }) => state === 'up'));
    await ready();
  };
  const lanesOf = (site: Site): number => site.gateway.status().peers[0]?.lanes ?? 0;
  /** Where there are to be lanes, one is free. */
  const ready = (): Promise<void> => until('there are lanes', () => !lanes || (lanesOf(a) >= 4 && lanesOf(b) >= 4));

  beforeEach(() => {
    a = new Site('a', { limits: limitsOfA });
    b = new Site('b', { limits: limitsOfB });
    pods = [];
  });
  afterEach(async () => {
    await Promise.all([a.gateway.close(), b.gateway.close(), ...pods.map((each) => each.stop())]);
  });

  it('carries what it has to its end when endpoints and exports go and the peer stays, as when the plane changes', async () => {
    const echo = await pod((socket) => socket.pipe(socket));
    const endpoint = await joined(echo);
    const client = dial(endpoint);
    client.write('before ');
    await until('the pod has it', () => echo.sockets.length === 1);
    a.config.listeners = [];
    b.config.exports = [];
    await Promise.all([a.apply(), b.apply()]);
    // It lingers, and carries nothing: what it led to is not exported any more.
    expect(await readAll(dial(endpoint))).toBe('error ECONNRESET');
    await until('it listens no more', async () => (await readAll(dial(endpoint))) === 'error ECONNREFUSED');
    client.end('after');
    expect(await readAll(client)).toBe('before after');
    expect(echo.sockets).toHaveLength(1);
  });

  it('carries bytes both ways unchanged', async () => {
    const total = 64 * MIB;
    const echo = await pod((socket) => socket.pipe(socket));
    const client = dial(await joined(echo));
    const [sent, got] = [createHash('sha256'), createHash('sha256')];
    let received = 0;
    client.on('data', (chunk: Buffer) => {
      received += chunk.length;
      got.update(chunk);
    });
    const chunks = function* (): Generator<Buffer> {
      for (let at = 0; at < total; at += MIB) {
        const chunk = randomBytes(MIB);
        sent.update(chunk);
        yield chunk;
      }
    };
    const ended = new Promise((resolve) => client.once('end', resolve));
    await pipeline(Readable.from(chunks()), client, { end: true });
    await ended;
    expect(received).toBe(total);
    expect(got.digest('hex')).toBe(sent.digest('hex'));
    await until('the connection is counted as ended', () => a.gateway.status().traffic[0]?.open === 0);
    const counts = { peer: 'b', service: 'web', connections: 1, refused: 0, sentBytes: total, receivedBytes: total };
    expect(a.gateway.status().traffic).toEqual([{ direction: 'out', open: 0, ...counts }]);
    await until('there too', () => b.gateway.status().traffic[0]?.open === 0);
    expect(b.gateway.status().traffic).toEqual([{ direction: 'in', open: 0, ...counts, peer: 'a' }]);
  }, 60_000);

  it('keeps a connection half open: the pod answers after the client has said everything', async () => {
    const late = await pod((socket) => {
      let heard = '';
      socket.on('data', (chunk: Buffer) => (heard += chunk.toString()));
      socket.once('end', () => setTimeout(() => socket.end(`heard ${heard}`), 50));
    });
    const client = dial(await joined(late));
    client.end('all of it');
    expect(await readAll(client)).toBe('heard all of it');
  });

  it('keeps it half open the other way: the pod has ended and still listens', async () => {
    let heard = '';
    const early = await pod((socket) => {
      socket.end('that is all');
      socket.on('data', (chunk: Buffer) => (heard += chunk.toString()));
    });
    const client = dial(await joined(early));
    expect(await readAll(client)).toBe('that is all');
    client.end('and yet');
    await until('the pod has heard it', () => heard === 'and yet');
  });

  it('passes a reset on as a reset, from either end', async () => {
    const echo = await pod((socket) => socket.pipe(socket));
    const endpoint = await joined(echo);
    const client = dial(endpoint);
    client.write('x');
    await until('the pod has it', () => echo.sockets.length === 1);
    const outcome = readAll(client);
    echo.sockets[0]?.resetAndDestroy();
    expect(await outcome).toBe('error ECONNRESET');

    const other = dial(endpoint);
    other.write('x');
    await until('the pod has that', () => echo.sockets.length === 2);
    const atPod = new Promise((resolve) => echo.sockets[1]?.once('error', resolve));
    other.resetAndDestroy();
    expect(await atPod).toMatchObject({ code: 'ECONNRESET' });
  });

  it('takes from a sender no more than a bounded window while the reader is slow, and others go on', async () => {
    const slow = await pod((socket) => void socket.pause());
    const endpoint = await joined(slow);
    const client = dial(endpoint);
    const chunk = Buffer.alloc(256 * 1024);
    let isFull = false;
    let since = performance.now();
    while (!isFull) {
      if (client.write(chunk)) since = performance.now();
      else await Promise.race([new Promise((resolve) => client.once('drain', resolve)), pause(100)]);
      isFull = performance.now() - since > 1_000 && client.writableNeedDrain;
    }
    const taken = client.bytesWritten - client.writableLength;
    // Two windows of 1 MiB, and what the kernel keeps for four sockets on loopback.
    expect(taken).toBeLessThan(48 * MIB);
    const echo = await pod((socket) => socket.pipe(socket));
    b.export('other', ['a'], { p2: echo.port });
    const beside = await a.listen('b', 'other', 'p2');
    await Promise.all([a.apply(), b.apply()]);
    const quick = dial(beside);
    quick.end('through');
    expect(await readAll(quick)).toBe('through');
    client.destroy();
  }, 30_000);

  it('carries connections though the cluster with the pods cannot be dialled', async () => {
    const echo = await pod((socket) => socket.pipe(socket));
    await b.gateway.close();
    b = new Site('b', { listens: false, limits: limitsOfB });
    const endpoint = await joined(echo, { reverse: true });
    const client = dial(endpoint);
    client.end('through');
    expect(await readAll(client)).toBe('through');
    expect(b.gateway.status().listening).toBeUndefined();
  });

  it('finds a dead path by its pings, resets what it carried, and is back by itself', async () => {
    const echo = await pod((socket) => socket.pipe(socket));
    b.export('web', ['a'], { p1: echo.port });
    const endpoint = await a.listen('b', 'web', 'p1');
    b.peer(a, { addresses: [] });
    await b.apply();
    const path = await Path.to(b.address);
    a.peer(b, { addresses: [path.address] });
    await a.apply();
    const isUp = (): boolean => a.gateway.status().peers[0]?.state === 'up';
    await until('a session is up', isUp);
    await ready();
    const client = dial(endpoint);
    client.write('x');
    await until('the pod has it', () => echo.sockets.length === 1);
    const outcome = readAll(client);
    path.cut(true);
    expect(await outcome).toBe('error ECONNRESET');
    await until('it is down', () => !isUp());
    expect(a.gateway.status().peers[0]?.message).toMatch(/no answer/);
    expect(await readAll(dial(endpoint))).toBe('error ECONNRESET');
    expect((await a.gateway.probe(endpoint.address, endpoint.port)).verdict).toBe('NO_PATH');
    path.cut(false);
    await until('it is up again', isUp);
    await ready();
    const again = dial(endpoint);
    again.end('back');
    expect(await readAll(again)).toBe('back');
    path.close();
  });

  it('answers before data: a pod that is gone is a reset, and a probe says why', async () => {
    const gone = await freePort();
    b.export('web', ['a'], { p1: gone });
    const endpoint = await a.listen('b', 'web', 'p1');
    const unknown = await a.listen('b', 'web', 'p2');
    await connected();
    expect(await readAll(dial(endpoint))).toBe('error ECONNRESET');
    expect(await a.gateway.probe(endpoint.address, endpoint.port)).toMatchObject({
      verdict: 'DIAL_FAIL',
      message: `b: cannot connect to 127.0.0.1:${gone}: ECONNREFUSED`,
    });
    expect(await a.gateway.probe(unknown.address, unknown.port)).toMatchObject({ verdict: 'NO_POD' });
    expect(a.gateway.status().traffic[0]).toMatchObject({ connections: 0, refused: 1 });
  });

  it('lets connections end when it is stopped, up to its grace', async () => {
    const slow = await pod((socket) => void setTimeout(() => socket.end('late'), 300));
    const endpoint = await joined(slow);
    const client = dial(endpoint);
    client.write('x');
    await until('the pod has it', () => slow.sockets.length === 1);
    const outcome = readAll(client);
    const closing = a.gateway.close(10_000);
    client.end();
    expect(await outcome).toBe('late');
    await closing;
    expect(await readAll(dial(endpoint))).toBe('error ECONNREFUSED');
  });

  it('keeps connections when a virtual endpoint is taken away and the certificates of both are renewed, for as long as they like', async () => {
    const echo = await pod((socket) => socket.pipe(socket));
    const client = dial(await joined(echo));
    let heard = '';
    client.on('data', (chunk: Buffer) => (heard += chunk.toString()));
    client.on('error', (error: Error) => (heard = error.message));
    const ended = new Promise((resolve) => client.once('close', resolve));
    client.write('.');
    await until('the pod has it', () => echo.sockets.length === 1);
    for (const site of [a, b]) {
      site.config.identity = identityOf(site.cluster, site.authority);
      await site.apply();
    }
    a.config.listeners = [];
    await a.apply();
    // Twice as long as a session may be without an answer.
    const end = performance.now() + 2 * (FAST.pingEveryMs ?? 0) * (FAST.lostPings ?? 0);
    let said = '.';
    while (performance.now() < end) {
      said += '.';
      client.write('.');
      await pause(20);
    }
    client.end();
    await ended;
    expect(heard).toBe(said);
  });

  it('says which virtual endpoints cannot listen, and listens when it can', async () => {
    const echo = await pod((socket) => socket.pipe(socket));
    const taken = await Pod.run(() => undefined);
    b.export('web', ['a'], { p1: echo.port });
    const endpoint = await a.listen('b', 'web', 'p1');
    endpoint.port = taken.port;
    await connected();
    expect(a.gateway.status().failed).toEqual([
      { address: '127.0.0.1', port: endpoint.port, message: expect.stringContaining('EADDRINUSE') },
    ]);
    await taken.stop();
    await until('it listens', () => a.gateway.status().failed.length === 0);
    const client = dial(endpoint);
    client.end('now');
    expect(await readAll(client)).toBe('now');
  });
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
