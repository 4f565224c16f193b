/**
 * The contract of the control API: what any data plane does that takes a `GatewayConfig`, between two of its kind, with real sockets. The Node
 * gateway holds all of it, on sessions and on lanes; HAProxy holds it but for the clauses that it lacks (docs/adr/0018-gateway-plane.md).
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import type { GatewayConfig, GatewayListener, GatewayStatus } from '@skyflow/contracts';
import { authorityOf, dial, FAST, freePort, identityOf, Pod, readAll, until, WITHOUT_LANES } from './testing/bed.js';
import { ControlledSite, nodeGateway, type PlaneKind } from './testing/data-plane.js';
import { haproxyPlane } from './testing/haproxy/haproxy-plane.js';

const withHaproxy = await needing('haproxy');
const TITLE = 'a data plane behind the control API: $name';

/** The clauses, between two data planes of a kind. */
function contract(kind: PlaneKind): void {
  let folder: string;
  let a: ControlledSite;
  let b: ControlledSite;
  let pods: Pod[];

  const lacked = new Set<string>();
  const clause = (name: string, holds: () => Promise<void>): void => {
    if (kind.lacks[name] === undefined) it(name, holds);
    else lacked.add(name);
  };
  const site = async (cluster: string, listens = true): Promise<ControlledSite> => {
    const own = join(folder, `${cluster}${await freePort()}`);
    await mkdir(own);
    const listen = listens ? { host: '127.0.0.1', port: await freePort() } : undefined;
    const made = await ControlledSite.start(kind, cluster, { folder: own, listen });
    made.config.identity = identity(made);
    return made;
  };
  const identity = ({ cluster, authority }: ControlledSite, by = authority): GatewayConfig['identity'] =>
    identityOf(cluster, by, { hosts: kind.hosts });
  const pod = async (...how: Parameters<typeof Pod.run>): Promise<Pod> => {
    const made = await Pod.run(...how);
    pods.push(made);
    return made;
  };
  const echoPod = (): Promise<Pod> => pod((socket) => socket.pipe(socket));
  const stateAt = async (at: ControlledSite): Promise<string | undefined> => (await at.status()).peers[0]?.state;
  const trafficAt = async (at: ControlledSite): Promise<GatewayStatus['traffic'][number] | undefined> =>
    (await at.status()).traffic[0];
  /** b exports the pod as p1 of web to a, and a has a virtual endpoint for it. */
  const joined = async (target: Pod): Promise<GatewayListener> => {
    b.export('web', ['a'], { p1: target.port });
    const endpoint = await a.listen('b', 'web', 'p1');
    b.peer(a, { addresses: [] });
    await b.apply();
    a.peer(b);
    await a.apply();
    await until('the peer is up', async () => (await stateAt(a)) === 'up');
    return endpoint;
  };
  /** A connection to the pod, which has got a byte by it. */
  const held = async (target: Pod): Promise<ReturnType<typeof dial>> => {
    const client = dial(await joined(target));
    client.write('x');
    await until('the pod has it', () => target.sockets.length === 1);
    return client;
  };
  const said = async (endpoint: GatewayListener, text: string): Promise<string> => {
    const client = dial(endpoint);
    client.on('error', () => undefined);
    client.end(text);
    return readAll(client);
  };
  const probe = async ({ address, port }: GatewayListener): Promise<unknown> =>
    (await a.ask('POST', '/v1/probe', { address, port })).body;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plane-'));
    pods = [];
    [a, b] = [await site('a'), await site('b')];
  });
  afterEach(async () => {
    await Promise.all([a.close(), b.close(), ...pods.map((each) => each.stop())]);
    await rm(folder, { recursive: true });
  });

  clause('answers with a status before and after a configuration, and keeps what it had when one is none', async () => {
    expect(await a.status()).toMatchObject({ cluster: '', peers: [], traffic: [], failed: [] });
    expect(await a.apply()).toMatchObject({ cluster: 'a', listening: a.address });
    expect((await a.ask('PUT', '/v1/config', { cluster: 'other' })).code).toBe(422);
    expect((await a.ask('PUT', '/v1/config', 'none')).code).toBe(400);
    expect((await a.ask('GET', '/v1/nothing')).code).toBe(404);
    expect(await a.status()).toMatchObject({ cluster: 'a' });
  });

  clause('carries bytes both ways, and ends each way by itself', async () => {
    const late = await pod((socket) => {
      let heard = '';
      socket.on('data', (chunk: Buffer) => (heard += chunk.toString()));
      socket.once('end', () => socket.end(`heard ${heard.length}`));
    });
    const early = await pod((socket) => void socket.end('that is all'));
    const endpoint = await joined(late);
    b.export('early', ['a'], { p2: early.port });
    await b.apply();
    const other = await a.listen('b', 'early', 'p2');
    await a.apply();
    expect(await said(endpoint, 'x'.repeat(1_000_000))).toBe('heard 1000000');
    const client = dial(other);
    expect(await readAll(client)).toBe('that is all');
    client.end();
  });

  clause('passes a reset on as a reset', async () => {
    const echo = await echoPod();
    const outcome = readAll(await held(echo));
    echo.sockets[0]?.resetAndDestroy();
    expect(await outcome).toBe('error ECONNRESET');
  });

  clause(
    'lets nothing reach a pod that is not exported to whoever asks, now or any more, and says nothing to the client',
    async () => {
      const echo = await echoPod();
      const endpoint = await joined(echo);
      expect(await said(endpoint, 'open')).toBe('open');
      for (const to of [['c'], []]) {
        b.export('web', to, { p1: echo.port });
        await b.apply();
        await until('it is refused', async () => (await said(endpoint, 'again')) !== 'again');
      }
      const seen = echo.sockets.length;
      expect(['', 'error ECONNRESET']).toContain(await said(endpoint, 'closed'));
      expect(echo.sockets).toHaveLength(seen);
    },
  );

  clause('lets nothing reach a pod for whom another authority has signed', async () => {
    const echo = await echoPod();
    const endpoint = await joined(echo);
    a.config.identity = identity(a, authorityOf('a', 2));
    await a.apply();
    await until('it is refused', async () => (await said(endpoint, 'x')) !== 'x');
    const seen = echo.sockets.length;
    expect(await said(endpoint, 'x')).not.toBe('x');
    expect(echo.sockets).toHaveLength(seen);
  });

  clause('sends nothing to who is not the peer that was told', async () => {
    const echo = await echoPod();
    const endpoint = await joined(echo);
    const [other] = a.config.peers;
    if (other !== undefined) other.authorities = [authorityOf('b', 2).certificate];
    await a.apply();
    await until('it is down', async () => (await stateAt(a)) === 'down');
    const seen = echo.sockets.length;
    expect(await said(endpoint, 'x')).not.toBe('x');
    expect(echo.sockets).toHaveLength(seen);
  });

  clause('ends what it carries for a peer that is taken away, at once', async () => {
    const echo = await echoPod();
    const outcome = readAll(await held(echo));
    b.config.peers = [];
    b.config.exports = [];
    await b.apply();
    expect(['x', 'error ECONNRESET']).toContain(await outcome);
    await until('the pod is left', () => echo.sockets[0]?.destroyed === true);
  });

  clause('refuses a connection by a reset, as a pod that is gone', async () => {
    b.export('web', ['a'], { p1: await freePort() });
    const endpoint = await joined(await echoPod());
    b.export('web', ['a'], { p1: await freePort() });
    await b.apply();
    expect(await readAll(dial(endpoint))).toBe('error ECONNRESET');
  });

  clause('counts connections and bytes on both sides', async () => {
    const endpoint = await joined(await echoPod());
    expect(await said(endpoint, 'x'.repeat(1_000))).toHaveLength(1_000);
    const counts = { connections: 1, open: 0, sentBytes: 1_000, receivedBytes: 1_000, service: 'web' };
    await until('they are counted', async () => (await trafficAt(a))?.open === 0 && (await trafficAt(b))?.open === 0);
    expect(await trafficAt(a)).toMatchObject({ ...counts, direction: 'out', peer: 'b' });
    expect(await trafficAt(b)).toMatchObject({ ...counts, direction: 'in', peer: 'a' });
  });

  clause('goes on counting over changes of its configuration', async () => {
    const endpoint = await joined(await echoPod());
    expect(await said(endpoint, 'one')).toBe('one');
    await a.listen('b', 'web', 'p1');
    await a.apply();
    expect(await said(endpoint, 'two')).toBe('two');
    await until('both are counted', async () => (await trafficAt(a))?.connections === 2);
  });

  clause('counts what was refused', async () => {
    const endpoint = await joined(await echoPod());
    b.config.exports = [];
    await b.apply();
    expect(await said(endpoint, 'x')).not.toBe('x');
    await until('it is counted', async () => (await trafficAt(a))?.refused === 1);
  });

  clause('probes up to the pod and says why not', async () => {
    const echo = await echoPod();
    const endpoint = await joined(echo);
    expect(await probe(endpoint)).toMatchObject({ verdict: 'OK' });
    const unknown = await a.listen('b', 'web', 'p2');
    await a.apply();
    expect(await probe(unknown)).toMatchObject({ verdict: 'NO_POD' });
    b.export('web', ['a'], { p1: await freePort() });
    await b.apply();
    expect(await probe(endpoint)).toMatchObject({ verdict: 'DIAL_FAIL' });
    b.config.exports = [];
    await b.apply();
    expect(await probe(endpoint)).toMatchObject({ verdict: 'NOT_EXPORTED' });
    await b.close();
    await until('there is no path', async () => ((await probe(endpoint)) as { verdict: string }).verdict === 'NO_PATH');
  });

  clause('gives back what a peer sends to see whether pods reach each other', async () => {
    await joined(await echoPod());
    const reach = async (address: string): Promise<unknown> =>
      (await a.ask('POST', '/v1/reach', { cluster: 'b', address })).body;
    expect(await reach(b.address)).toMatchObject({ ok: true });
    expect(await reach(`127.0.0.1:${await freePort()}`)).toMatchObject({ ok: false });
  });

  clause('says which peers are up, down and not needed', async () => {
    await joined(await echoPod());
    const gone = await site('gone');
    a.peer(gone);
    await gone.close();
    expect((await a.apply()).peers).toContainEqual(expect.objectContaining({ cluster: 'gone', state: 'idle' }));
    await b.close();
    await until('it is down', async () => (await stateAt(a)) === 'down');
  });

  clause('says which ports it cannot listen on, serves the others, and listens when it can', async () => {
    const taken = createServer();
    const endpoint = await joined(await echoPod());
    const blocked = await a.listen('b', 'web', 'p1');
    await new Promise<void>((resolve) => taken.listen(blocked.port, blocked.address, resolve));
    expect((await a.apply()).failed).toMatchObject([{ address: blocked.address, port: blocked.port }]);
    expect(await said(endpoint, 'served')).toBe('served');
    await new Promise((resolve) => taken.close(resolve));
    await until('it listens', async () => (await a.status()).failed.length === 0);
    expect(await said(blocked, 'now')).toBe('now');
  });

  clause('keeps connections when their virtual endpoint goes, and when the identity is renewed', async () => {
    const echo = await echoPod();
    const endpoint = await joined(echo);
    const client = dial(endpoint);
    client.write('one ');
    await until('the pod has it', () => echo.sockets.length === 1);
    for (const each of [a, b]) {
      each.config.identity = identity(each);
      await each.apply();
    }
    a.config.listeners = [];
    await a.apply();
    await until('it listens no more', async () => (await said(endpoint, 'x')) === 'error ECONNREFUSED');
    client.end('two');
    expect(await readAll(client)).toBe('one two');
  });

  clause('drains: nothing new, and what is there ends by itself within the grace', async () => {
    const late = await pod((socket) => void socket.resume().once('end', () => socket.end('late')));
    const endpoint = await joined(late);
    const client = dial(endpoint);
    client.write('x');
    await until('the pod has it', () => late.sockets.length === 1);
    const outcome = readAll(client);
    const closing = a.close(10_000);
    await until('it takes nothing new', async () => (await said(endpoint, 'x')) === 'error ECONNREFUSED');
    client.end();
    expect(await outcome).toBe('late');
    await closing;
  });

  clause('carries to a cluster that cannot be dialled, as that one dials', async () => {
    const echo = await echoPod();
    await b.close();
    b = await site('b', false);
    b.export('web', ['a'], { p1: echo.port });
    const endpoint = await a.listen('b', 'web', 'p1');
    a.peer(b, { addresses: [] });
    await a.apply();
    b.peer(a, { reverse: true });
    await b.apply();
    await until('the peer is up', async () => (await stateAt(a)) === 'up');
    expect(await said(endpoint, 'through')).toBe('through');
  });

  it('lacks no clause but those that it names, each with its reason', () => {
    expect([...lacked].sort()).toEqual(Object.keys(kind.lacks).sort());
    for (const why of Object.values(kind.lacks)) expect(why).toMatch(/\w/);
  });
}

describe.each([nodeGateway('Node on sessions', WITHOUT_LANES), nodeGateway('Node on lanes', FAST)])(TITLE, contract);
withHaproxy.describe.each([haproxyPlane])(TITLE, contract);
