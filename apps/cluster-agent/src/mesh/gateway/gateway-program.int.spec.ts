/** The gateway and the agents that come and go beside it: the program as it is, in processes that are really killed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../../testing/test-bed.spec.js';
import { GatewayClient } from './gateway-client.js';

const DIST = new URL('../../../dist/mesh/gateway/', import.meta.url);
/** An agent, as far as its gateway is concerned; stops in order at SIGTERM. */
const AGENT = `
import { runGatewayProgram } from '${new URL('gateway-program.js', DIST).href}';
import { GatewayClient } from '${new URL('gateway-client.js', DIST).href}';
const [control] = process.argv.slice(1);
const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
const logger = { info: () => {}, warn: () => {}, error: () => {} };
const options = { control, listen: '127.0.0.1:0', client: new GatewayClient(control), onChange: (isUp) => console.log(isUp ? 'up' : 'down'), logger };
await runGatewayProgram(options, stop.signal);
`;

describe('the gateway of an agent', () => {
  let folder: string;
  let client: GatewayClient;
  let agents: ChildProcess[];

  const agent = (): ChildProcess => {
    const control = join(folder, 'gateway.sock');
    const child = spawn(process.execPath, ['--input-type=module', '-e', AGENT, control], {
      env: { ...process.env, NODE_OPTIONS: '', SKYFLOW_LOG_LEVEL: 'fatal' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    agents.push(child);
    return child;
  };
  /** Resolves when it has a gateway that answers. */
  const served = (child: ChildProcess): Promise<void> =>
    new Promise((resolve) => child.stdout?.on('data', (text: Buffer) => text.includes('up') && resolve()));
  const gone = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  const pidOf = (): Promise<number | undefined> =>
    client.status().then(
      ({ pid }) => pid,
      () => undefined,
    );

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sky-program-'));
    client = new GatewayClient(join(folder, 'gateway.sock'));
    agents = [];
  });
  afterEach(async () => {
    for (const each of agents) {
      each.kill('SIGKILL');
      each.stdout?.destroy();
    }
    const pid = await pidOf();
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  it('outlives it when it is killed, is taken over by the next one, and ends with that', async () => {
    const first = agent();
    await served(first);
    const pid = await pidOf();
    expect(pid).toBeGreaterThan(0);
    await gone(first, 'SIGKILL');
    expect(await pidOf()).toBe(pid);
    const second = agent();
    await served(second);
    expect(await pidOf()).toBe(pid);
    await gone(second, 'SIGTERM');
    expect(await pidOf()).toBeUndefined();
  }, 60_000);

  it('is started again by whoever took it over when it is killed itself', async () => {
    const first = agent();
    await served(first);
    const pid = (await pidOf()) ?? 0;
    await gone(first, 'SIGKILL');
    await served(agent());
    process.kill(pid, 'SIGKILL');
    await until('another one', async () => ![undefined, pid].includes(await pidOf()));
  }, 60_000);
});
