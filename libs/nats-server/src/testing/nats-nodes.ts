/** Several real nats-servers that hold streams together, on free ports of this machine, gone afterwards. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.js';
import { renderConfig } from '../server-config.js';
import { testNatsServer } from './with-nats-server.js';

export interface NatsNodes {
  /** Of each node, in the order of `processes`. */
  readonly urls: readonly string[];
  readonly processes: readonly ChildProcess[];
  /** Ends them and deletes their stores. */
  stop(): Promise<void>;
}

/** Starts them; they elect a leader while the first client asks. The caller calls `stop()`. */
export async function startNatsNodes(count = 3): Promise<NatsNodes> {
  const { path } = await testNatsServer();
  const home = await mkdtemp(join(tmpdir(), 'skyflow-nats-nodes-'));
  const ports: number[] = [];
  for (let index = 0; index < count * 2; index++) ports.push(await freePort());
  const routes = ports.slice(count).map((port) => `nats://127.0.0.1:${port}`);
  const processes: ChildProcess[] = [];
  for (let index = 0; index < count; index++) {
    const storeDir = join(home, `node-${index}`);
    await mkdir(storeDir);
    const file = join(home, `node-${index}.conf`);
    const cluster = { name: 'skyflow', port: ports[count + index] ?? 0, routes };
    await writeFile(
      file,
      renderConfig({
        serverName: `node-${index}`,
        host: '127.0.0.1',
        port: ports[index] ?? 0,
        storeDir,
        syncAlways: true,
        maxFileStoreBytes: 1024 ** 3,
        cluster,
      }),
    );
    processes.push(spawn(path, ['-c', file], { stdio: 'ignore' }));
  }
  return {
    urls: ports.slice(0, count).map((port) => `nats://127.0.0.1:${port}`),
    processes,
    async stop() {
      const ends = processes.map(async (process) => {
        if (process.exitCode !== null || process.signalCode !== null) return;
        const ended = once(process, 'exit');
        process.kill('SIGKILL');
        await ended;
      });
      await Promise.all(ends);
      await rm(home, { recursive: true, force: true });
    },
  };
}
