/**
 * The mesh gateway as a process of its own: it outlives an agent that was killed, and the next one takes it over, so that what it carries goes on.
 * It is started again when it ends, with a growing pause; it ends with an agent that stops in order, and by itself when none comes back.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { Backoff } from '@skyflow/kube-client';
import type { Logger } from '@skyflow/service';
import type { GatewayClient } from './gateway-client.js';

export interface GatewayProgramOptions {
  /** Path of its control socket, the same for the next agent of this cluster. */
  control: string;
  /** `host:port` where other gateways dial it. */
  listen: string;
  client: GatewayClient;
  /** It answers, or does not any more. */
  onChange: (isUp: boolean) => void;
  logger: Logger;
}

/** The same place from `src` and from `dist`. */
const PROGRAM = fileURLToPath(new URL('../../../../mesh-gateway/dist/main.js', import.meta.url));
const PASSED_ON = ['SKYFLOW_LOG_LEVEL', 'SKYFLOW_GATEWAY_LANES'];
/**
 * Every read of a socket is an `ArrayBuffer` outside of the heap, and V8 collects the whole heap for every few MiB of those while the heap itself is small;
 * told to wait for so many MiB it needs a fifth to a third less CPU for a stream, and at most 30 MiB more (docs/adr/0018-gateway-plane.md).
 */
const HEAP = ['--max-semi-space-size=16', '--initial-old-space-size=128'];
const RESTART = { baseMs: 100, capMs: 5_000 };
/** One that ran this long is started again at once. */
const STABLE_MS = 10_000;
const ANSWER_WITHIN_MS = 20_000;
const ANSWER_CHECK_MS = 50;
/** Longer than it gives itself. */
const STOP_DEADLINE_MS = 6_000;
/** Between two looks at whether one that is no child of ours is still there. */
const WATCH_MS = 250;
/** Without a word from an agent for this long it ends. Longer than an agent takes to be started again; the agent asks every 10 s. */
export const ORPHAN_MS = 45_000;

/** Runs it until the signal aborts; resolves when it is gone. */
export async function runGatewayProgram(options: GatewayProgramOptions, signal: AbortSignal): Promise<void> {
  const { logger, onChange } = options;
  const backoff = new Backoff(RESTART);
  if (!existsSync(PROGRAM)) {
    logger.error({ path: PROGRAM }, 'the mesh gateway is not built; services reach no other cluster through it');
    return;
  }
  while (!signal.aborted) {
    const startedAt = performance.now();
    const left = await leftRunning(options);
    const how = left === undefined ? await runOnce(options, signal) : await takeOver(left, options, signal);
    onChange(false);
    if (isOver(signal)) return;
    if (performance.now() - startedAt > STABLE_MS) backoff.reset();
    logger.warn({ how }, 'the mesh gateway ended; it is started again');
    await backoff.pause(signal);
  }
}

/** Process id of one that an agent before this one has left. */
async function leftRunning({ client }: GatewayProgramOptions): Promise<number | undefined> {
  const status = await client.status().catch(() => undefined);
  return status?.pid;
}

async function takeOver(pid: number, options: GatewayProgramOptions, signal: AbortSignal): Promise<string> {
  options.logger.info({ pid }, 'the mesh gateway still runs; this agent takes it over with what it carries');
  options.onChange(true);
  while (!signal.aborted && isThere(pid)) {
    await delay(WATCH_MS, undefined, { signal }).catch(() => undefined);
  }
  if (!isThere(pid)) return 'it is not there any more';
  send(pid, 'SIGTERM');
  const until = performance.now() + STOP_DEADLINE_MS;
  while (isThere(pid)) {
    if (performance.now() > until) send(pid, 'SIGKILL');
    await delay(ANSWER_CHECK_MS);
  }
  return 'it was stopped';
}

async function runOnce(options: GatewayProgramOptions, signal: AbortSignal): Promise<string> {
  // Little of what is set for the agent is for it: neither keys, nor that it ends with its parent.
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('SKYFLOW_') || PASSED_ON.includes(name)),
  );
  const child = spawn(process.execPath, [...HEAP, PROGRAM], {
    env: {
      ...environment,
      SKYFLOW_GATEWAY_CONTROL: options.control,
      SKYFLOW_GATEWAY_LISTEN: options.listen,
      SKYFLOW_GATEWAY_ORPHAN_MS: String(ORPHAN_MS),
      SKYFLOW_HEALTH_PORT: '0',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const stop = (): void => stopChild(child);
  signal.addEventListener('abort', stop, { once: true });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, by) => resolve(by === null ? `exit code ${code ?? 0}` : `signal ${by}`));
  });
  const answering = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
  void whenAnswering(options.client, child, answering).then((isUp) => {
    if (isUp) options.onChange(true);
    else if (!answering.aborted || !signal.aborted) child.kill('SIGKILL');
  });
  const how = await ended;
  signal.removeEventListener('abort', stop);
  return how;
}

async function whenAnswering(client: GatewayClient, child: ChildProcess, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted && child.exitCode === null && child.signalCode === null) {
    const isUp = await client.status().then(
      () => true,
      () => false,
    );
    if (isUp) return true;
    await delay(ANSWER_CHECK_MS, undefined, { signal }).catch(() => undefined);
  }
  return false;
}

function stopChild(child: ChildProcess): void {
  child.kill('SIGTERM');
  const deadline = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  child.once('exit', () => clearTimeout(deadline));
}

const isThere = (pid: number): boolean => send(pid, 0);

/** False: there is no such process. */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Asked after an await: the signal may have aborted meanwhile. */
const isOver = (signal: AbortSignal): boolean => signal.aborted;
