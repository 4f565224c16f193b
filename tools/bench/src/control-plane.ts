/** Parts of SkyFlow started one by one on a temporary home, for rows that need only some of them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import getPort from 'get-port';
import { natsAccounts, natsServices, type NatsKeys } from '@skyflow/domain';
import { ServiceKeys, resolveNatsServer, startNatsServer, type NatsServerProcess } from '@skyflow/nats-server';
import type { Process } from './cpu-meter.js';

export const root = fileURLToPath(new URL('../../../', import.meta.url));

export const SERVICES = ['api-gateway', 'scheduler', 'mesh-controller', 'provisioner'] as const;
export type ServiceName = (typeof SERVICES)[number];

export class ControlPlane {
  readonly token = randomBytes(16).toString('hex');
  private readonly services = new Map<ServiceName, { child: ChildProcess; healthPort: number }>();

  private constructor(
    readonly home: string,
    readonly nats: NatsServerProcess,
    readonly httpPort: number,
    private readonly keys: ServiceKeys | undefined,
  ) {}

  /**
   * @param options.syncAlways false only where the row is not about durability (filling a log)
   * @param options.agentKeys public keys of agents: nobody is let in at NATS without a key
   */
  static async start(options: { syncAlways: boolean; agentKeys?: NatsKeys['agents'] }): Promise<ControlPlane> {
    const home = mkdtempSync(join(tmpdir(), 'skyflow-bench-'));
    const binary = await resolveNatsServer();
    const keys = options.agentKeys === undefined ? undefined : new ServiceKeys(join(home, 'keys'), natsServices);
    keys?.ensure();
    const nats = await startNatsServer({
      binary: binary.path,
      storeDir: join(home, 'nats'),
      syncAlways: options.syncAlways,
      ...(keys === undefined
        ? {}
        : { accounts: natsAccounts({ services: keys.letIn(), agents: options.agentKeys ?? {} }) }),
    });
    return new ControlPlane(home, nats, await freePort(), keys);
  }

  /** Starts a service; resolves with the milliseconds until it was ready. @param settings more of its environment */
  async startService(
    name: ServiceName,
    deadlineMs = 120_000,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<number> {
    const healthPort = await freePort();
    const log = openSync(join(this.home, `${name}.log`), 'a');
    const started = performance.now();
    const child = spawn(process.execPath, [join(root, `apps/${name}/dist/main.js`)], {
      env: {
        ...process.env,
        SKYFLOW_HOME: this.home,
        SKYFLOW_NATS_URL: this.nats.url,
        ...(this.keys === undefined ? {} : { SKYFLOW_NATS_KEY_FILE: this.keys.file(name) }),
        SKYFLOW_HEALTH_PORT: String(healthPort),
        SKYFLOW_HTTP_PORT: String(this.httpPort),
        SKYFLOW_TOKEN: this.token,
        SKYFLOW_SNAPSHOT_DIR: join(this.home, 'snapshots', name),
        SKYFLOW_LOG_LEVEL: 'warn',
        ...settings,
      },
      stdio: ['ignore', log, log],
    });
    this.services.set(name, { child, healthPort });
    while (!(await isReady(healthPort))) {
      if (child.exitCode !== null)
        throw new Error(`${name} ended: ${readFileSync(join(this.home, `${name}.log`), 'utf8')}`);
      if (performance.now() - started > deadlineMs) throw new Error(`${name} was not ready after ${deadlineMs} ms`);
      await pause(10);
    }
    return performance.now() - started;
  }

  /** What runs, for `cpuSeconds`. */
  processes(): Process[] {
    const services = [...this.services].flatMap(([name, { child }]) =>
      child.pid === undefined ? [] : [{ name, pid: child.pid }],
    );
    return [...services, { name: 'nats-server', pid: this.nats.pid }];
  }

  /** Of a service. */
  pidOf(name: ServiceName): number {
    const pid = this.services.get(name)?.child.pid;
    if (pid === undefined) throw new Error(`${name} does not run`);
    return pid;
  }

  /** Resident memory of a service, bytes. */
  residentBytes(name: ServiceName): number {
    return residentBytesOf(this.pidOf(name));
  }

  /** Resolves when the service has a complete snapshot of at least this sequence on disk. */
  async snapshotOf(name: ServiceName, sequence: number, deadlineMs = 120_000): Promise<void> {
    const directory = join(this.home, 'snapshots', name);
    const deadline = performance.now() + deadlineMs;
    while (!(
      existsSync(directory) &&
      readdirSync(directory).some((file) => Number(/^(\d+)\.snapshot$/.exec(file)?.[1] ?? 0) >= sequence)
    )) {
      if (performance.now() > deadline) throw new Error(`${name} has written no snapshot in ${deadlineMs} ms`);
      await pause(100);
    }
  }

  async stopService(name: ServiceName): Promise<void> {
    const child = this.services.get(name)?.child;
    this.services.delete(name);
    if (child?.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await gone;
  }

  async stop(): Promise<void> {
    for (const name of [...this.services.keys()]) await this.stopService(name);
    await this.nats.stop();
    rmSync(this.home, { recursive: true, force: true });
  }
}

export function residentBytesOf(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? 0) * 1024;
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false; // not listening yet, or busy folding: asked again
  }
}

export const freePort = (): Promise<number> => getPort({ host: '127.0.0.1' });
