import { describe, expect, it } from '@jest/globals';
import { startNatsFixture } from '@skyflow/nats-server/testing';
import type { Logger } from './logger.js';
import { connectNats, serverNames } from './nats-connection.js';

describe('the connection to NATS', () => {
  it('says where it tries while nobody lets it in, and why, without what may be secret', async () => {
    const nats = await startNatsFixture();
    await nats.kill9();
    const warned = Promise.withResolvers<object>();
    const logger = { warn: (about: object) => warned.resolve(about), info: () => undefined } as unknown as Logger;
    const url = nats.url.replace('nats://', 'nats://jo:secret@');
    const connecting = connectNats({ url, name: 'test', logger, tellEveryMs: 10 });
    expect(await warned.promise).toEqual({ servers: new URL(nats.url).host, why: 'connection refused' });
    await nats.restart();
    await (await connecting).close();
    await nats.stop();
  });

  it('says why a node is left', async () => {
    const nats = await startNatsFixture();
    const warned = Promise.withResolvers<[object, string]>();
    const back = Promise.withResolvers<string>();
    const warn = (about: object, text: string): void => warned.resolve([about, text]);
    const logger = { warn, info: (_: object, text: string) => back.resolve(text) } as unknown as Logger;
    const connection = await connectNats({ url: nats.url, name: 'test', logger });
    await connection.reconnect();
    const server = new URL(nats.url).host;
    expect(await warned.promise).toEqual([
      { server },
      'this node of NATS has no answer about the log; going to another',
    ]);
    expect(await back.promise).toBe('NATS connection is back');
    await connection.close();
    await nats.stop();
  });

  it.each([
    ['nats://skyflow-nats-0.skyflow.svc:4222,tls://other:4222', 'skyflow-nats-0.skyflow.svc:4222, other:4222'],
    ['127.0.0.1:4222', '127.0.0.1:4222'],
  ])('names the servers of %s', (url, names) => {
    expect(serverNames(url)).toBe(names);
  });
});
