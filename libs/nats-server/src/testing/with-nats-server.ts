/**
 * A real nats-server for tests: its own free port and temporary store, gone afterwards. The binary is resolved once per machine
 * and then comes from the cache.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultCacheDir, resolveNatsServer } from '../resolve-nats-server.js';
import { startNatsServer, type NatsServerProcess, type StartOptions } from '../start-nats-server.js';
import type { FoundNatsServer } from '../ways/way.js';
import { withMachineLock } from './machine-lock.js';

export type NatsFixtureOptions = Partial<
  Pick<StartOptions, 'syncAlways' | 'authToken' | 'accounts' | 'maxFileStoreBytes'>
>;

/** A running test server. The port stays the same over restarts, so clients can reconnect. */
export interface NatsFixture {
  readonly url: string;
  readonly port: number;
  readonly storeDir: string;
  /** The current process; changes with every start. */
  readonly server: NatsServerProcess;
  /** Ends it with SIGKILL and resolves when it is gone. */
  kill9(): Promise<void>;
  /** Starts it again on the same store and port; ends it first (SIGTERM) if it still runs. */
  restart(): Promise<void>;
  /** Ends it and deletes its store. */
  stop(): Promise<void>;
}

const INSTALL_TIMEOUT_MS = 900_000;

/** The nats-server that tests use on this machine. */
export function testNatsServer(): Promise<FoundNatsServer> {
  return withMachineLock(join(defaultCacheDir(), 'nats-server.lock'), INSTALL_TIMEOUT_MS, () => resolveNatsServer());
}

/** Starts one; the caller calls `stop()` (in `afterAll` or `finally`). */
export async function startNatsFixture(options: NatsFixtureOptions = {}): Promise<NatsFixture> {
  const { path } = await testNatsServer();
  const storeDir = await mkdtemp(join(tmpdir(), 'skyflow-nats-'));
  let server = await startNatsServer({ binary: path, storeDir, ...options });
  const { port, url } = server;
  const kill9 = async (): Promise<void> => {
    server.process.kill('SIGKILL');
    await server.exited;
  };
  return {
    url,
    port,
    storeDir,
    get server() {
      return server;
    },
    kill9,
    async restart() {
      await server.stop();
      server = await startNatsServer({ binary: path, storeDir, port, ...options });
    },
    async stop() {
      await server.stop();
      await rm(storeDir, { recursive: true, force: true });
    },
  };
}

/** Runs `test` with a server of its own. */
export async function withNatsServer<T>(
  test: (nats: NatsFixture) => Promise<T>,
  options: NatsFixtureOptions = {},
): Promise<T> {
  const nats = await startNatsFixture(options);
  try {
    return await test(nats);
  } finally {
    await nats.stop();
  }
}
