/** The gateway and nats-server as real processes, for tests of skyctl that go through all of them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startNatsFixture } from '@skyflow/nats-server/testing';

const GATEWAY = join(import.meta.dirname, '../../../api-gateway/dist/main.js');
const READY_WITHIN_MS = 30_000;
export const ADMIN_TOKEN = 'token-of-the-test';

export interface RealGateway {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * With a nats-server of its own, which ends with it. Resolves once the gateway answers from the log.
 * @param settings more of its environment.
 */
export async function startRealGateway(settings: Record<string, string> = {}): Promise<RealGateway> {
  const nats = await startNatsFixture();
  try {
    const gateway = await startGatewayOn(nats.url, settings);
    const stop = async (): Promise<void> => {
      await gateway.stop();
      await nats.stop();
    };
    return { url: gateway.url, stop };
  } catch (error) {
    await nats.stop();
    throw error;
  }
}

/** On a nats-server that is there and stays. Resolves once the gateway answers from the log; stopped twice it is stopped once. */
export async function startGatewayOn(natsUrl: string, settings: Record<string, string> = {}): Promise<RealGateway> {
  const gateway = spawn(process.execPath, [GATEWAY], {
    env: {
      PATH: process.env.PATH,
      SKYFLOW_NATS_URL: natsUrl,
      SKYFLOW_HTTP_PORT: '0',
      SKYFLOW_HEALTH_PORT: '0',
      SKYFLOW_TOKEN: ADMIN_TOKEN,
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stop = async (): Promise<void> => {
    const ended = once(gateway, 'exit');
    if (gateway.exitCode === null && gateway.signalCode === null && gateway.kill('SIGTERM')) await ended;
  };
  try {
    const url = `http://127.0.0.1:${await portOf(gateway)}`;
    await answers(url);
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function portOf(gateway: ChildProcess): Promise<number> {
  return await new Promise((resolve, reject) => {
    let text = '';
    gateway.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const port = /"port":(\d+)/.exec(text)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
    gateway.once('exit', () => {
      reject(new Error(`the gateway ended before it served: ${text}`));
    });
  });
}

async function answers(url: string): Promise<void> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  for (const deadlineMs = Date.now() + READY_WITHIN_MS; ;) {
    const { ok, status } = await fetch(`${url}/api/v1/namespaces/default`, { headers });
    if (ok) return;
    if (Date.now() > deadlineMs)
      throw new Error(`the gateway still answers ${status} after ${READY_WITHIN_MS / 1_000} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
