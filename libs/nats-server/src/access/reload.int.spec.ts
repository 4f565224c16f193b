import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { type NatsFixture, TestKeys, startNatsFixture } from '../testing/index.js';

describe('accounts that come, change and go while the server runs', () => {
  const keys = new TestKeys(['east', 'west', 'north']);
  const connections: NatsConnection[] = [];
  let nats: NatsFixture;
  const open = async (identity: (typeof keys.identities)[number]): Promise<NatsConnection> => {
    const connection = await keys.connect(nats.url, identity, {
      waitOnFirstConnect: true,
      ignoreAuthErrorAbort: true,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 50,
      timeout: 2_000,
    });
    connections.push(connection);
    return connection;
  };
  beforeAll(async () => {
    nats = await startNatsFixture({
      accounts: keys.accounts([{ agent: 'east' }, { agent: 'west' }, { agent: 'north' }]),
    });
  }, 120_000);
  afterAll(async () => {
    await Promise.all(connections.map((connection) => connection.close()));
    await nats.stop();
  });

  it('an agent that is let in later reaches the services, and they reach it', async () => {
    const gateway = await open({ service: 'api-gateway' });
    gateway.subscribe('sky.reader.*', { callback: (_error, message) => void message.respond('here') });
    await gateway.flush();
    const gone = [{ agent: 'west' }, { agent: 'north' }];
    for (const name of ['east', 'west', 'north']) {
      await nats.server.reload(keys.accounts(gone));
      gone.shift();
      const agent = await open({ agent: name });
      agent.subscribe(`sky.agent.${name}.pods`, {
        callback: (_error, message) => {
          agent.publish(message.reply ?? '', 'pods');
        },
      });
      await agent.flush();
      const heard = await until(async () => (await agent.request(`sky.reader.${name}`, '', { timeout: 500 })).string());
      expect(heard).toBe('here');
      const inbox = `sky.link.${name}.up.x`;
      const pods = gateway.subscribe(inbox, { max: 1 });
      gateway.publish(`sky.agent.${name}.pods`, '', { reply: inbox });
      expect((await Array.fromAsync(pods)).map((message) => message.string())).toEqual(['pods']);
    }
  }, 60_000);

  it('a key that is not named any more is disconnected and not let in again; one that replaces it is', async () => {
    const east = { agent: 'east' } as const;
    await nats.server.reload(keys.accounts());
    const agent = await open(east);
    const statuses: string[] = [];
    void (async () => {
      for await (const { type } of agent.status()) statuses.push(type);
    })();
    // Replaced: the old one is let in beside the new one, then not any more. The connection comes back by itself.
    const { before = '' } = keys.replace(east);
    await nats.server.reload(keys.accounts([], { 'agent east': before }));
    await nats.server.reload(keys.accounts());
    await until(() => Promise.resolve(statuses.includes('reconnect') || undefined));
    // Revoked.
    await nats.server.reload(keys.accounts([east]));
    await until(() => Promise.resolve(statuses.lastIndexOf('disconnect') > statuses.indexOf('reconnect') || undefined));
    // The client misses the answer at times on a busy machine, and waits for it for 20 s by default.
    const refusal = async (): Promise<string | undefined> => {
      try {
        await (await keys.connect(nats.url, east, { timeout: 2_000 })).close();
        return 'let in';
      } catch (error) {
        return (error as Error).message === 'timeout' ? undefined : (error as Error).message;
      }
    };
    expect(await until(refusal)).toMatch(/authorization/i);
  }, 60_000);

  it('nobody is let in without a key', async () => {
    for (const options of [{}, { token: 'x' }, { user: 'api-gateway', pass: '' }])
      await expect(connect({ servers: nats.url, ...options })).rejects.toThrow(/authorization/i);
  });
});

async function until<T>(read: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const value = await read().catch(() => undefined);
    if (value !== undefined) return value;
    if (performance.now() > deadline) throw new Error('not within 20 s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
