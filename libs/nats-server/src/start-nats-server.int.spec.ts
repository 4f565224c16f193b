import { describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { NatsServerStartError, startNatsServer } from './start-nats-server.js';
import { testNatsServer, withNatsServer } from './testing/index.js';

describe('startNatsServer', () => {
  it('accepts clients on a free port with JetStream when it resolves', async () => {
    await withNatsServer(async ({ url }) => {
      const connection = await connect({ servers: url });
      const account = await (await jetstreamManager(connection)).getAccountInfo();
      expect(account.streams).toBe(0);
      expect(connection.info?.max_payload).toBe(8 * 1024 * 1024);
      await connection.close();
    });
  });

  it('has every acknowledged message after SIGKILL and a start on the same store', async () => {
    await withNatsServer(async (nats) => {
      const first = await connect({ servers: nats.url, reconnect: false });
      await (await jetstreamManager(first)).streams.add({ name: 'S', subjects: ['s'] });
      for (let i = 0; i < 50; i++) await jetstream(first).publish('s', `message ${i}`);
      await nats.kill9();
      await nats.restart();
      const second = await connect({ servers: nats.url });
      const info = await (await jetstreamManager(second)).streams.info('S');
      expect(info.state.messages).toBe(50);
      await second.close();
    });
  });

  it('tells when the process ends, and with what', async () => {
    const { path } = await testNatsServer();
    const storeDir = await mkdtemp(join(tmpdir(), 'skyflow-nats-'));
    const exits: unknown[] = [];
    const pidFile = join(storeDir, 'pid');
    const server = await startNatsServer({ binary: path, storeDir, pidFile, onExit: (exit) => exits.push(exit) });
    expect(await readFile(pidFile, 'utf8')).toBe(String(server.pid));
    server.process.kill('SIGKILL');
    expect(await server.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(exits).toEqual([{ code: null, signal: 'SIGKILL' }]);
    await rm(storeDir, { recursive: true });
  });

  it('lets in only clients with the token when one is set', async () => {
    await withNatsServer(
      async ({ url }) => {
        await expect(connect({ servers: url, reconnect: false })).rejects.toThrow(/authorization/i);
        const connection = await connect({ servers: url, token: 's3cret "quoted"' });
        await connection.close();
      },
      { authToken: 's3cret "quoted"' },
    );
  });

  it('says what the server said when it cannot start', async () => {
    await withNatsServer(async ({ port }) => {
      const { path } = await testNatsServer();
      const storeDir = await mkdtemp(join(tmpdir(), 'skyflow-nats-'));
      const starting = startNatsServer({ binary: path, storeDir, port });
      await expect(starting).rejects.toThrow(NatsServerStartError);
      await expect(starting).rejects.toThrow(/address already in use/);
      await rm(storeDir, { recursive: true });
    });
  });

  it('says that a binary does not exist', async () => {
    const storeDir = await mkdtemp(join(tmpdir(), 'skyflow-nats-'));
    await expect(startNatsServer({ binary: '/nonexistent/nats-server', storeDir })).rejects.toThrow(/ENOENT/);
    await rm(storeDir, { recursive: true });
  });

  it('leaves neither process nor store behind', async () => {
    const seen = await withNatsServer((nats) => Promise.resolve({ pid: nats.server.pid, dir: nats.storeDir }));
    expect(() => process.kill(seen.pid, 0)).toThrow(/ESRCH/);
    expect(existsSync(seen.dir)).toBe(false);
  });
});
