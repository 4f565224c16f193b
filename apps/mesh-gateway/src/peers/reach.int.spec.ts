/** Whether pods of two clusters reach each other is asked of the peer itself, over the way that pods would take. */
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Site } from '../testing/bed.js';
import { reach } from './reach.js';

describe('whether pods of a peer are reached', () => {
  let a: Site;
  let b: Site;
  const others: { close: () => unknown }[] = [];

  beforeEach(async () => {
    [a, b] = [new Site('a'), new Site('b')];
    b.peer(a, { addresses: [] });
    await b.apply();
    a.peer(b);
    await a.apply();
  });
  afterEach(async () => {
    await Promise.all([a.gateway.close(), b.gateway.close()]);
    for (const other of others.splice(0)) other.close();
  });

  /** A way on which packets above `bytes` are lost. */
  const narrowWay = async (bytes: number): Promise<string> => {
    const [host = '', port = ''] = b.address.split(':');
    const server: Server = createServer((socket) => {
      let isStuck = false;
      const onward = connect(Number(port), host);
      for (const each of [socket, onward]) each.on('error', () => undefined);
      socket.once('close', () => onward.destroy());
      onward.pipe(socket);
      socket.on('data', (chunk: Buffer) => {
        // What TCP sends again is lost again, and what follows waits for it.
        isStuck ||= chunk.length > bytes;
        if (!isStuck) onward.write(chunk);
      });
    });
    others.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  it('is said with the bytes that came back', async () => {
    expect(await a.gateway.reach('b', b.address)).toMatchObject({
      ok: true,
      message: `${b.address} answered with 64 KiB`,
    });
  });

  it('is not by whoever else has that address', async () => {
    const c = new Site('c');
    c.peer(a, { addresses: [] });
    await c.apply();
    others.push(c.gateway);
    expect(await a.gateway.reach('b', c.address)).toMatchObject({ ok: false });
  });

  it('is not where nobody answers, or the cluster is a stranger', async () => {
    const gone = b.address;
    await b.gateway.close();
    expect(await a.gateway.reach('b', gone)).toMatchObject({ ok: false, message: `${gone}: ECONNREFUSED` });
    expect(await a.gateway.reach('z', gone)).toMatchObject({ ok: false, message: 'z is no peer of this cluster' });
  });

  it('is not where packets of full size are lost, and the message says what to look at', async () => {
    const address = await narrowWay(4_096);
    const [peer] = a.config.peers;
    const { ok, message } = await reach(peer!, address, a.config.identity, 1_000);
    expect(ok).toBe(false);
    expect(message).toMatch(/connected, and \d+ of 65536 bytes came back.*MTU/);
  });
});
