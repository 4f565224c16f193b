/**
 * The mesh gateway as a child process: started again when it ends, with a growing pause. Its stdin is a pipe from us, so that it
 * never outlives the agent for long.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { Backoff } from '@skyflow/kube-client';
import type { Logger } from '@skyflow/service';
import type { GatewayClient } from './gateway-client.js';

export interface GatewayProgramOptions {
  /** Path of its control socket. */
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
const RESTART = { baseMs: 100, capMs: 5_000 };
/** One that ran this long is started again at once. */
const STABLE_MS = 10_000;
const ANSWER_WITHIN_MS = 20_000;
const ANSWER_CHECK_MS = 50;
/** Longer than it gives itself. */
const STOP_DEADLINE_MS = 6_000;

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
    const how = await runOnce(options, signal);
    onChange(false);
    if (isOver(signal)) return;
    if (performance.now() - startedAt > STABLE_MS) backoff.reset();
    logger.warn({ how }, 'the mesh gateway ended; it is started again');
    await backoff.pause(signal);
  }
}

async function runOnce(options: GatewayProgramOptions, signal: AbortSignal): Promise<string> {
  const child = spawn(process.execPath, ['--max-semi-space-size=16', PROGRAM], {
    env: {
      ...process.env,
      SKYFLOW_GATEWAY_CONTROL: options.control,
      SKYFLOW_GATEWAY_LISTEN: options.listen,
      SKYFLOW_HEALTH_PORT: '0',
      SKYFLOW_EXIT_WITH_PARENT: 'stdin',
    },
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  child.stdin.on('error', () => undefined);
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

/** Asked after an await: the signal may have aborted meanwhile. */
const isOver = (signal: AbortSignal): boolean => signal.aborted;
