/** A whole SkyFlow as `npm run up` starts it, on a home of its own. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, root } from './control-plane.js';
import { childrenOf } from './processes.js';

interface State {
  runnerPid: number;
  processes: Record<string, { pid: number }>;
}

export class Instance {
  private constructor(
    readonly home: string,
    readonly httpPort: number,
    readonly checkout: string,
  ) {}

  /** An instance that does not run yet; `checkout` is the clone whose `up` is used. */
  static async create(checkout = root): Promise<Instance> {
    return new Instance(mkdtempSync(join(tmpdir(), 'skyflow-bench-')), await freePort(), checkout);
  }

  /** Starts in the background, with further arguments of `up`; resolves with the milliseconds until it said that it is up. */
  async up(more: readonly string[] = []): Promise<number> {
    const from = performance.now();
    await this.run(process.execPath, [
      'tools/up/dist/main.js',
      'up',
      '--detach',
      '--port',
      String(this.httpPort),
      ...more,
    ]);
    return performance.now() - from;
  }

  async down(): Promise<void> {
    await this.run(process.execPath, ['tools/up/dist/main.js', 'down']);
  }

  async remove(): Promise<void> {
    await this.run(process.execPath, ['tools/up/dist/main.js', 'down', '--purge']);
    rmSync(this.home, { recursive: true, force: true });
  }

  get token(): string {
    return readFileSync(join(this.home, 'token'), 'utf8').trim();
  }

  /** Seed of the key of the one who may do everything at NATS. */
  get natsSeed(): Uint8Array {
    return readFileSync(join(this.home, 'nats-keys', 'operator.nk'));
  }

  get natsUrl(): string {
    const ports = JSON.parse(readFileSync(join(this.home, 'ports.json'), 'utf8')) as { nats: number };
    return `nats://127.0.0.1:${ports.nats}`;
  }

  /** Process ids by name, and of the children that the supervisor runs (`agent`). */
  processes(): { name: string; pid: number }[] {
    const state = JSON.parse(readFileSync(join(this.home, 'run/state.json'), 'utf8')) as State;
    const named = Object.entries(state.processes).map(([name, { pid }]) => ({ name, pid }));
    const supervisor = state.processes['agent-supervisor']?.pid;
    const agents =
      supervisor === undefined ? [] : childrenOf(supervisor).map((pid) => ({ name: 'cluster-agent', pid }));
    return [...named, ...agents, { name: 'up', pid: state.runnerPid }];
  }

  environment(): NodeJS.ProcessEnv {
    return { ...process.env, SKYFLOW_HOME: this.home, NO_COLOR: '1' };
  }

  /** Runs a program in the checkout. @throws Error with what it said, if it failed. */
  run(file: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = spawn(file, args, {
        cwd: this.checkout,
        env: { ...this.environment(), ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const said: Buffer[] = [];
      child.stdout.on('data', (chunk: Buffer) => said.push(chunk));
      child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
      child.once('error', reject);
      child.once('close', (code) => {
        const text = Buffer.concat(said).toString();
        if (code === 0) resolve(text);
        else reject(new Error(`${file} ${args.join(' ')} ended with ${code ?? 'a signal'}:\n${text}`));
      });
    });
  }
}
