/** `up` and `down` as a person uses them: nothing is left behind, nothing is lost, and whatever ends is started again. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, Skyflow } from './fixture/skyflow.js';

describe('an instance', () => {
  const skyflow = new Skyflow();

  beforeAll(async () => {
    await skyflow.up();
  }, 120_000);

  afterAll(async () => {
    await skyflow.remove();
  }, 60_000);

  /** Processes of this instance: its home is in their environment or on their command line. */
  const running = (): string[] =>
    readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
      .filter(
        (pid) =>
          read(`/proc/${pid}/environ`).includes(skyflow.home) || read(`/proc/${pid}/cmdline`).includes(skyflow.home),
      )
      .map((pid) => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' '));

  it('ends its first screen with what runs where and what to type next', () => {
    expect(skyflow.said).toMatch(/SkyFlow is up\./);
    expect(skyflow.said).toContain(`http://127.0.0.1:${skyflow.port}`);
    for (const context of skyflow.clusters.contexts) expect(skyflow.said).toMatch(new RegExp(`${context} +READY`));
    for (const command of ['skyctl get clusters', 'skyctl create job hello', 'skyctl logs hello'])
      expect(skyflow.said).toContain(command);
  });

  const services = ['api-gateway', 'scheduler', 'mesh-controller', 'provisioner', 'agent-supervisor', 'nats-server'];
  it.each([...services, ...(skyflow.clusters.process === undefined ? [] : [skyflow.clusters.process])])(
    'starts %s again when it is killed, and says so',
    async (name) => {
      const before = skyflow.processes()[name]!;
      process.kill(before, 'SIGKILL');
      await eventually('it runs again', () => {
        expect(skyflow.processes()[name]).not.toBe(before);
        expect(skyflow.said).toMatch(new RegExp(`${name} ended \\(signal SIGKILL\\), 1st time; it is started again`));
        expect(skyflow.said).toMatch(new RegExp(`${name} runs again`));
      });
      await eventually('the API answers', async () => expect((await skyflow.skyctl(['get', 'clusters'])).code).toBe(0));
    },
    60_000,
  );

  it('refuses a second start from the same home, and says what to do', async () => {
    const second = await skyflow.upAgain();
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/already runs from .*npm run down/s);
  });

  it('leaves nothing running after Ctrl-C, and keeps its data', async () => {
    const created = await skyflow.skyctl([
      'create',
      'job',
      'kept',
      '--image',
      'example.com/simulated',
      '--cpus',
      '0.1',
    ]);
    expect(created).toMatchObject({ code: 0 });
    // Those of the supervisor that was killed above end by themselves, within five seconds.
    await eventually('each cluster has one agent', () => {
      expect(running().filter((line) => line.includes('cluster-agent/dist/main.js'))).toHaveLength(2);
    });
    await skyflow.stop();
    const left = running();
    const said = left.length === 0 ? '' : read(`${skyflow.home}/run/logs/agent-supervisor.log`).slice(-3_000);
    expect({ left, said }).toEqual({ left: [], said: '' });
    await skyflow.up();
    await eventually('the job runs again', async () =>
      expect((await skyflow.skyctl(['get', 'jobs'])).stdout).toMatch(/kept .*RUNNING/),
    );
  }, 90_000);

  it('recovers from the death of the one that looks after the others', async () => {
    await skyflow.killRunner();
    await eventually('services notice', () =>
      expect(running().filter((line) => !line.includes('nats-server'))).toEqual([]),
    );
    await skyflow.up();
    expect(skyflow.said).toMatch(/ended what it had left: .*nats-server/);
    await eventually('the job runs again', async () =>
      expect((await skyflow.skyctl(['get', 'jobs'])).stdout).toMatch(/kept .*RUNNING/),
    );
  }, 90_000);

  it('goes down from elsewhere, and with --purge nothing of it is left', async () => {
    const down = await skyflow.down('--purge');
    expect(down).toMatchObject({ code: 0, stderr: '' });
    expect(running()).toEqual([]);
    expect(existsSync(join(skyflow.home, 'nats'))).toBe(false);
    expect(existsSync(skyflow.home) ? readdirSync(skyflow.home) : []).toEqual([]);
  }, 60_000);
});

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // gone meanwhile
  }
}
