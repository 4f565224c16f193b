/** Lanes between gateways: used again, kept ready, given up when they must be, and not needed where the peer has none. */
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { GATEWAY_LANE_PROTOCOL, type GatewayListener } from '@skyflow/contracts';
import type { Limits } from '../limits.js';
import { authorityOf, dial, FAST, identityOf, Pod, readAll, Site, until, WITHOUT_LANES } from '../testing/bed.js';
import { FRAME, frameHeader } from './frames.js';

describe('lanes', () => {
  let a: Site;
  let b: Site;
  let pod: Pod;
  let endpoint: GatewayListener;

  const start = async (
    { ofA = FAST, ofB = FAST }: { ofA?: Partial<Limits>; ofB?: Partial<Limits> } = {},
    onConnection: (socket: Socket) => void = (socket) => socket.pipe(socket),
  ): Promise<void> => {
    a = new Site('a', { limits: ofA });
    b = new Site('b', { limits: ofB });
    pod = await Pod.run(onConnection);
    b.export('web', ['a'], { p1: pod.port });
    endpoint = await a.listen('b', 'web', 'p1');
    b.peer(a, { addresses: [] });
    await b.apply();
    a.peer(b);
    await a.apply();
    await until('the session is up', () => peerOf(a)?.state === 'up');
  };
  const peerOf = (site: Site): ReturnType<Site['gateway']['status']>['peers'][number] | undefined =>
    site.gateway.status().peers[0];
  const lanes = (): number => peerOf(a)?.lanes ?? 0;
  const lanesAre = (count: number): Promise<void> =>
    until(`there are ${count} lanes at both ends`, () => lanes() === count && peerOf(b)?.lanes === count);
  const say = async (what: string): Promise<string> => {
    const client = dial(endpoint);
    client.end(what);
    return readAll(client);
  };

  beforeEach(() => start());
  afterEach(async () => {
    await Promise.all([a.gateway.close(), b.gateway.close(), pod.stop()]);
  });
  const restart = async (...how: Parameters<typeof start>): Promise<void> => {
    await Promise.all([a.gateway.close(), b.gateway.close(), pod.stop()]);
    await start(...how);
  };

  it('carry one connection after another', async () => {
    await lanesAre(4);
    for (let at = 0; at < 30; at++) expect(await say(`line ${at}`)).toBe(`line ${at}`);
    expect(lanes()).toBeLessThanOrEqual(6);
    expect(pod.sockets).toHaveLength(30);
  });

  it('carry what a pod says before it is asked', async () => {
    await restart({}, (socket) => socket.end('220 ready'));
    await lanesAre(4);
    for (let at = 0; at < 5; at++) expect(await say('')).toBe('220 ready');
  });

  it('are as many as are in use and a few more, and fewer again when they are not needed', async () => {
    await restart({ ofA: { ...FAST, idleLaneMs: 300 } });
    await lanesAre(4);
    const clients = Array.from({ length: 10 }, () => dial(endpoint));
    for (const client of clients) client.write('x');
    await until('all are carried', () => pod.sockets.length === 10);
    const outcomes = clients.map(readAll);
    await until('a few more are ready', () => lanes() > 4);
    for (const client of clients) client.end();
    expect(await Promise.all(outcomes)).toEqual(Array.from({ length: 10 }, () => 'x'));
    await lanesAre(4);
  });

  it('are bounded: what finds none that is free goes over a session', async () => {
    await restart({ ofA: { ...FAST, mostLanes: 2 } });
    await lanesAre(2);
    const outcomes = Array.from({ length: 8 }, (_, at) => say(`client ${at}`));
    expect(await Promise.all(outcomes)).toEqual(outcomes.map((_, at) => `client ${at}`));
    expect(lanes()).toBe(2);
  });

  it.each([
    ['there', { ofB: WITHOUT_LANES }],
    ['here', { ofA: WITHOUT_LANES }],
  ])('are not needed: an older gateway %s carries over sessions', async (_where, limits) => {
    await restart(limits);
    expect(await say('through')).toBe('through');
    expect(lanes()).toBe(0);
    expect(peerOf(a)).toMatchObject({ state: 'up', sessions: 2 });
  });

  it('end with the certificate that they were opened with: what they carry goes on, nothing new is put on them', async () => {
    const next = authorityOf('a', 2);
    b.config.peers[0]?.authorities.push(next.certificate);
    await b.apply();
    await lanesAre(4);
    const client = dial(endpoint);
    client.write('before ');
    await until('the pod has it', () => pod.sockets.length === 1);
    a.config.identity = identityOf('a', next);
    await a.apply();
    await until('there are new ones beside the busy one', () => lanes() === 5);
    client.end('after');
    expect(await readAll(client)).toBe('before after');
    await lanesAre(4);
    // Only what the new authority has signed is left: nothing is lost with the old one.
    const busy = dial(endpoint);
    busy.write('x');
    await until('the pod has that', () => pod.sockets.length === 2);
    b.config.peers = [{ ...b.config.peers[0]!, authorities: [next.certificate] }];
    await b.apply();
    busy.end('y');
    expect(await readAll(busy)).toBe('xy');
  });

  it('are cut, with what they carry, when the authority behind them is withdrawn', async () => {
    await lanesAre(4);
    const client = dial(endpoint);
    client.write('x');
    await until('the pod has it', () => pod.sockets.length === 1);
    const outcome = readAll(client);
    b.config.peers = [{ ...b.config.peers[0]!, authorities: [authorityOf('a', 2).certificate] }];
    await b.apply();
    expect(await outcome).toBe('error ECONNRESET');
    await until('none is left', () => lanes() === 0);
  });

  it.each([
    ['noise', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['data before a route', Buffer.concat([frameHeader(FRAME.data, 1), Buffer.from('x')])],
    ['a route that is none', Buffer.concat([frameHeader(FRAME.route, 2), Buffer.from('[]')])],
    ['an end of nothing', frameHeader(FRAME.end, 0)],
  ])('are closed on whoever does not keep to the protocol: %s', async (_what, bytes) => {
    const [host = '', port = ''] = b.address.split(':');
    const { certificate: cert, privateKey: key } = identityOf('a', a.authority);
    const protocols = { ALPNProtocols: [GATEWAY_LANE_PROTOCOL], rejectUnauthorized: false };
    const socket: TLSSocket = connectTls({ host, port: Number(port), cert, key, ...protocols });
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(bytes);
    socket.resume();
    await closed;
    expect(pod.sockets).toHaveLength(0);
    expect(await say('others go on')).toBe('others go on');
  });
});
