/**
 * One agent as a child process: started again when it ends, with a growing pause; stopped when told. Its stdin is a pipe from us:
 * when we are gone, however that happened, it ends by itself, so a new supervisor never meets the agents of an old one for long.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Backoff } from '@skyflow/kube-client';
import type { Logger } from '@skyflow/service';
import { CONFIG_CHANGED_EXIT } from '../settings.js';

export interface AgentSpec {
  cluster: string;
  environment: Record<string, string>;
}

/** For the health page. */
export interface AgentState {
  cluster: string;
  state: 'running' | 'restarting' | 'stopped';
  pid?: number;
  restarts: number;
  lastEnd?: string;
}

const PROGRAM = fileURLToPath(new URL('../main.js', import.meta.url));
const RESTART = { baseMs: 100, capMs: 10_000 };
/** An agent that ran this long gets the short pause again. */
const STABLE_MS = 30_000;
/** Agents are many and mostly idle: 8 MB less each, for a little more garbage collection under load. */
const SMALL_YOUNG_GENERATION = '--max-semi-space-size=2';
/** Longer than an agent gives itself. */
const STOP_DEADLINE_MS = 6_500;

export class AgentProcess {
  private child: ChildProcess | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isStopping = false;
  private restarts = 0;
  private lastEnd: string | undefined;
  private readonly backoff = new Backoff(RESTART);

  constructor(
    readonly spec: AgentSpec,
    private readonly logger: Logger,
    private readonly program = PROGRAM,
  ) {}

  get state(): AgentState {
    const pid = this.child?.pid;
    return {
      cluster: this.spec.cluster,
      state: this.isStopping ? 'stopped' : pid === undefined ? 'restarting' : 'running',
      ...(pid === undefined ? {} : { pid }),
      restarts: this.restarts,
      ...(this.lastEnd === undefined ? {} : { lastEnd: this.lastEnd }),
    };
  }

  start(): void {
    if (this.isStopping) return;
    const startedAt = performance.now();
    const child = spawn(process.execPath, [SMALL_YOUNG_GENERATION, this.program], {
      env: { ...inherited(), ...this.spec.environment, SKYFLOW_EXIT_WITH_PARENT: 'stdin' },
      stdio: ['pipe', 'inherit', 'inherit'],
    });
    this.child = child;
    child.stdin.on('error', () => undefined);
    this.logger.info({ cluster: this.spec.cluster, pid: child.pid }, 'agent started');
    child.once('error', (error) => this.ended(child, error.message, startedAt));
    child.once('exit', (code, signal) =>
      this.ended(child, signal === null ? `exit code ${code ?? 0}` : `signal ${signal}`, startedAt, code),
    );
  }

  /** SIGTERM, then SIGKILL after a deadline. Resolves when it is gone. */
  async stop(): Promise<void> {
    this.isStopping = true;
    clearTimeout(this.timer);
    const { child } = this;
    if (child?.pid === undefined) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    child.once('exit', () => resolve(undefined));
    const deadline = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
    child.kill('SIGTERM');
    await promise;
    clearTimeout(deadline);
  }

  private ended(child: ChildProcess, how: string, startedAt: number, code: number | null = null): void {
    if (this.child !== child) return;
    this.child = undefined;
    this.lastEnd = how;
    if (this.isStopping) {
      this.logger.info({ cluster: this.spec.cluster, how }, 'agent stopped');
      return;
    }
    this.restarts += 1;
    if (performance.now() - startedAt > STABLE_MS || code === CONFIG_CHANGED_EXIT) this.backoff.reset();
    const restartInMs = Math.round(this.backoff.nextMs());
    this.logger.warn(
      { cluster: this.spec.cluster, how, restartInMs, restarts: this.restarts },
      'agent ended; restarting',
    );
    this.timer = setTimeout(() => this.start(), restartInMs);
  }
}

/** Everything but what is the supervisor's alone. */
function inherited(): NodeJS.ProcessEnv {
  const {
    SKYFLOW_TOKEN: _token,
    SKYFLOW_TOKEN_FILE: _tokenFile,
    SKYFLOW_KUBECONFIGS: _kubeconfigs,
    // With it an agent enrols: it is given where it shall.
    SKYFLOW_API_URL: _api,
    ...rest
  } = process.env;
  return rest;
}
