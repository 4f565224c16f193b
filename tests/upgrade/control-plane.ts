/**
 * A control plane of real programs on a log that an earlier release wrote. A program of that release is one of now that works at its feature
 * level (SKYFLOW_FEATURE_LEVEL): it announces that level, writes nothing above it, and cannot read what is.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type Commit, HEARTBEAT_INTERVAL_MS, heartbeatSubject } from '@skyflow/contracts';
import { JetStreamEventLog, readAtLevel } from '@skyflow/event-log';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';

export type ServiceName = 'api-gateway' | 'scheduler' | 'mesh-controller' | 'provisioner';
const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);
const TOKEN = 'a-token-for-tests';
/** Everybody is heard every five seconds at least; a machine under load may be late by as many. */
export const SETTLE_SECONDS = 10;

/** One process of SkyFlow. */
export class Program {
  readonly child: ChildProcess;
  output = '';

  constructor(
    readonly name: ServiceName,
    environment: Record<string, string>,
  ) {
    const { NODE_OPTIONS: _jestOnly, ...inherited } = process.env;
    this.child = spawn(process.execPath, [`${root}apps/${name}/dist/main.js`], {
      env: { ...inherited, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
  }

  /** @throws with what it said, if it ended instead */
  async ready(): Promise<this> {
    await eventually(async () => {
      if (this.child.exitCode !== null) throw new Ended(`${this.name} ended: ${this.output}`);
      const port = /"healthPort":(\d+)/.exec(this.output)?.[1];
      const { status } = await fetch(`http://127.0.0.1:${port ?? ''}/readyz`);
      if (status !== 200) throw new Error(`${this.name} is not ready: ${this.output.slice(-2_000)}`);
    });
    return this;
  }

  get url(): string {
    const port = /"port":(\d+).*"listening"/.exec(this.output)?.[1];
    return `http://127.0.0.1:${port ?? ''}`;
  }

  ended(): Promise<number | null> {
    if (this.child.exitCode !== null) return Promise.resolve(this.child.exitCode);
    return new Promise((resolve) => this.child.once('exit', (code) => resolve(code)));
  }

  /** As a rolling update ends it. */
  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.ended();
  }
}

class Ended extends Error {}

export interface Answer {
  status: number;
  body: { message?: string; items?: { kind?: string; metadata: { name: string } }[]; features?: { inForce: number } };
}

export class ControlPlane {
  private readonly programs: Program[] = [];
  private readonly timers: NodeJS.Timeout[] = [];

  private constructor(
    readonly nats: NatsFixture,
    readonly connection: NatsConnection,
    readonly log: JetStreamEventLog,
  ) {}

  /** @param recorded of tests/recorded-logs, written by a program of `level` */
  static async on(recorded: string, level: number): Promise<ControlPlane> {
    const nats = await startNatsFixture();
    const connection = await connect({ servers: nats.url });
    // The stream is made as the earlier release made it.
    readAtLevel({ level, version: 'recorded' });
    const log = await JetStreamEventLog.open({ connection });
    const text = gunzipSync(readFileSync(`${root}tests/recorded-logs/${recorded}`)).toString();
    for (const line of text.trimEnd().split('\n')) {
      const { subject, commit } = JSON.parse(line) as { subject: string; commit: Commit };
      const { id, writer, entries } = commit;
      await log.append(subject, { id, writer, entries }, await log.subjectHead(subject));
    }
    return new ControlPlane(nats, connection, log);
  }

  /** @param level of an earlier release; absent: the program of now */
  start(name: ServiceName, level?: number): Program {
    const program = new Program(name, {
      SKYFLOW_NATS_URL: this.nats.url,
      SKYFLOW_HTTP_PORT: '0',
      SKYFLOW_TOKEN: TOKEN,
      SKYFLOW_FEATURE_LEVEL_AFTER_SECONDS: String(SETTLE_SECONDS),
      ...(level === undefined ? {} : { SKYFLOW_FEATURE_LEVEL: String(level) }),
    });
    this.programs.push(program);
    return program;
  }

  /** Signs of life as an agent sends them, until it is called. */
  agent(cluster: { name: string; uid: string }, level: number): () => void {
    const beat = (): void => {
      const said = { cluster: cluster.name, uid: cluster.uid, instance: `${cluster.name}-${level}`, at: Date.now() };
      const state = { reachable: true, workSeq: 0, version: '0.1.0', level };
      this.connection.publish(heartbeatSubject(cluster.name), JSON.stringify({ ...said, ...state }));
    };
    beat();
    const timer = setInterval(beat, HEARTBEAT_INTERVAL_MS);
    this.timers.push(timer);
    return () => clearInterval(timer);
  }

  /** Reads everything as a program of a level reads it. @throws UnreadableEntryError */
  async readAs(level: number | undefined): Promise<string[]> {
    readAtLevel({ level, version: 'test' });
    return Array.fromAsync(this.log.read(), ({ subject }) => subject);
  }

  async skyctl(server: string, ...args: readonly string[]): Promise<string> {
    const { NODE_OPTIONS: _jestOnly, ...inherited } = process.env;
    const env = { ...inherited, SKYFLOW_SERVER: server, SKYFLOW_TOKEN: TOKEN, NO_COLOR: '1' };
    return (await run(process.execPath, [`${root}apps/skyctl/bin/skyctl.mjs`, ...args], { env })).stdout;
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await Promise.all(
      this.programs.map(async (program) => {
        program.child.kill('SIGKILL');
        await program.ended();
      }),
    );
    readAtLevel({ version: 'test' });
    await this.log.close();
    await this.connection.close();
    await this.nats.stop();
  }
}

export async function request(url: string, method: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

export async function eventually<T>(check: () => Promise<T>, withinMs = 60_000): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > end || error instanceof Ended) throw error;
    }
    await pause(50);
  }
}
