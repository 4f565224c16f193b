/** Who may what: every way in which a session or a route is refused, and that nothing reaches a pod then. */
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  GATEWAY_LANE_PROTOCOL,
  GATEWAY_LANES_PROTOCOL,
  GATEWAY_PROTOCOL,
  type GatewayConfig,
  type GatewayListener,
} from '@skyflow/contracts';
import type { Logger } from '@skyflow/service';
import { authorityOf, dial, identityOf, Pod, readAll, Site, until } from './testing/bed.js';
import { FRAME, frameHeader, FrameReader } from './lanes/frames.js';
import { HEADER } from './sessions/headers.js';

describe('a gateway trusts', () => {
  let a: Site;
  let b: Site;
  let pod: Pod;
  let endpoint: GatewayListener;
  let logged: unknown[];

  beforeEach(async () => {
    logged = [];
    const logger = {
      info: () => undefined,
      warn: (fields: unknown) => logged.push(fields),
      error: () => undefined,
      debug: () => undefined,
    };
    a = new Site('a');
    b = new Site('b', { logger: logger as unknown as Logger });
    pod = await Pod.run((socket) => socket.pipe(socket));
    b.export('web', ['a'], { p1: pod.port });
    endpoint = await a.listen('b', 'web', 'p1');
    b.peer(a, { addresses: [] });
    await b.apply();
    a.peer(b);
    await a.apply();
    await until('the session is up', () => a.gateway.status().peers[0]?.state === 'up');
  });
  afterEach(async () => {
    await Promise.all([a.gateway.close(), b.gateway.close(), pod.stop()]);
  });

  /** As whoever has stolen the address would dial; 'open' if a stream was answered with OK. */
  const attempt = async (
    identity: Partial<GatewayConfig['identity']>,
    protocol = GATEWAY_PROTOCOL,
  ): Promise<string> => {
    const [host = '', port = ''] = b.address.split(':');
    const socket = connectTls({
      host,
      port: Number(port),
      rejectUnauthorized: false,
      ALPNProtocols: [protocol],
      cert: identity.certificate,
      key: identity.privateKey,
    });
    const failed = new Promise<string>((resolve) => {
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      socket.once('close', () => resolve('closed'));
    });
    const outcome = await Promise.race([failed, protocol === GATEWAY_LANE_PROTOCOL ? onLane(socket) : routed(socket)]);
    socket.destroy();
    return outcome;
  };
  const routed = (socket: TLSSocket): Promise<string> =>
    new Promise((resolve) => {
      socket.once('secureConnect', () => {
        const session = connectHttp2('https://x', { createConnection: () => socket });
        session.on('error', () => undefined);
        const route = { [HEADER.service]: 'web', [HEADER.port]: '', [HEADER.pod]: 'p1' };
        const stream = session.request({ ':method': 'CONNECT', ':authority': 'p1.web', ...route });
        stream.on('error', () => undefined);
        stream.once('response', (headers) => resolve(`open ${String(headers[HEADER.verdict])}`));
      });
    });

  const onLane = (socket: TLSSocket): Promise<string> =>
    new Promise((resolve) => {
      const reader = new FrameReader({
        route: () => undefined,
        answer: (line) => resolve(`open ${(JSON.parse(line) as { verdict: string }).verdict}`),
        data: () => undefined,
        end: () => undefined,
      });
      socket.on('data', (chunk: Buffer) => reader.push(chunk));
      socket.once('secureConnect', () => {
        const route = Buffer.from(JSON.stringify({ service: 'web', port: '', pod: 'p1' }));
        socket.write(Buffer.concat([frameHeader(FRAME.route, route.length), route]));
      });
    });

  it.each([GATEWAY_PROTOCOL, GATEWAY_LANES_PROTOCOL, GATEWAY_LANE_PROTOCOL])(
    'the certificate of a peer, signed by an authority of that peer, by %s',
    async (protocol) => {
      expect(await attempt(identityOf('a', a.authority), protocol)).toBe('open OK');
    },
  );

  it.each([
    ['none', () => ({}), /certificate/i],
    [
      'one of an authority that nobody knows',
      () => identityOf('a', authorityOf('a')),
      /self.signed|unable|verify|issuer|certificate/i,
    ],
    ['one of a cluster that is no peer', () => identityOf('c', a.authority), /no peer of this cluster/],
    ['one that its own authority signed for another cluster', () => identityOf('a', b.authority), /certificate/i],
    ['one that has expired', () => identityOf('a', a.authority, { lifeMs: -60_000 }), /CERT_HAS_EXPIRED/],
  ] as const)('not: %s', async (_what, identity, reason) => {
    for (const protocol of [GATEWAY_PROTOCOL, GATEWAY_LANE_PROTOCOL]) {
      logged.length = 0;
      expect(await attempt(identity(), protocol)).not.toContain('open');
      await until('the reason is logged', () => reason.test(JSON.stringify(logged)));
    }
    expect(pod.sockets).toHaveLength(0);
  });

  it('not what a peer signed in the name of another peer', async () => {
    const c = new Site('c');
    b.peer(c, { addresses: [] });
    await b.apply();
    expect(await attempt(identityOf('a', c.authority))).not.toContain('open');
    await until('the reason is logged', () => /no authority of a has signed it/.test(JSON.stringify(logged)));
    expect(pod.sockets).toHaveLength(0);
  });

  it('not a session of another protocol', async () => {
    expect(await attempt(identityOf('a', a.authority), 'h2')).not.toContain('open');
    expect(pod.sockets).toHaveLength(0);
  });

  it('not a service that is not exported to the cluster', async () => {
    b.export('web', ['c'], { p1: pod.port });
    await b.apply();
    expect(await readAll(dial(endpoint))).toBe('error ECONNRESET');
    expect(logged).toContainEqual(expect.objectContaining({ peer: 'a', service: 'web', verdict: 'NOT_EXPORTED' }));
    expect(pod.sockets).toHaveLength(0);
    b.config.exports = [];
    await b.apply();
    expect(await a.gateway.probe(endpoint.address, endpoint.port)).toMatchObject({ verdict: 'NOT_EXPORTED' });
  });

  it('not a peer that was removed: what it carried ends at once, and nothing new is taken', async () => {
    const client = dial(endpoint);
    client.write('x');
    await until('the pod has it', () => pod.sockets.length === 1);
    const outcome = readAll(client);
    b.config.peers = [];
    await b.apply();
    expect(await outcome).toBe('error ECONNRESET');
    await until('it stays down', () => a.gateway.status().peers[0]?.state === 'down');
    expect(await readAll(dial(endpoint))).toBe('error ECONNRESET');
    expect(pod.sockets).toHaveLength(1);
  });

  it('two generations of an authority at once, so that one can follow the other without a gap', async () => {
    const next = authorityOf('a', 2);
    const peer = b.config.peers[0];
    peer?.authorities.push(next.certificate);
    await b.apply();
    const client = dial(endpoint);
    client.write('before ');
    await until('the pod has it', () => pod.sockets.length === 1);
    a.config.identity = identityOf('a', next);
    await a.apply();
    const renewed = dial(endpoint);
    await until('new sessions are up', () => a.gateway.status().peers[0]?.state === 'up');
    renewed.destroy();
    client.end('after');
    expect(await readAll(client)).toBe('before after');
    await until('only sessions of the new one are left', () => a.gateway.status().peers[0]?.sessions === 2);
    if (peer !== undefined) peer.authorities = [next.certificate];
    await b.apply();
    const last = dial(endpoint);
    last.end('new');
    expect(await readAll(last)).toBe('new');
    expect(await attempt(identityOf('a', a.authority))).not.toContain('open');
  });
});
