/** A log taken back in time while everything runs: what runs on the clusters runs on, and all goes on from there. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, Skyflow } from './fixture/skyflow.js';

describe('a restore', () => {
  const skyflow = new Skyflow();
  const place = mkdtempSync(join(tmpdir(), 'skyflow-backups-'));

  beforeAll(async () => {
    await skyflow.up();
  }, 120_000);

  afterAll(async () => {
    await skyflow.remove();
    rmSync(place, { recursive: true, force: true });
  }, 60_000);

  const ok = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await skyflow.skyctl(args);
    expect([args.join(' '), code, code === 0 ? '' : stderr]).toEqual([args.join(' '), 0, '']);
    return stdout;
  };
  const running = (name: string) =>
    eventually(
      `${name} runs`,
      async () => expect(await ok('get', 'jobs')).toMatch(new RegExp(`${name} .*RUNNING`)),
      60_000,
    );
  const create = async (name: string): Promise<void> => {
    await ok('create', 'job', name, '--replicas', '2', '--image', 'example.com/simulated', '--cpus', '0.1');
    await running(name);
  };
  /** uids of native objects and pods, by cluster. */
  const natives = async (): Promise<string[]> => {
    const found = await Promise.all(
      skyflow.clusters.contexts.map((context) =>
        skyflow.kubectl(context, [
          'get',
          'deployments,pods',
          '-o',
          'jsonpath={range .items[*]}{.metadata.name} {.metadata.uid}{"\\n"}{end}',
        ]),
      ),
    );
    return found.flatMap(({ stdout }) => stdout.trim().split('\n')).sort();
  };

  it('takes the log back and touches nothing that runs', async () => {
    await create('before');
    await ok('backup', 'create', place);
    await create('after');
    const ran = await natives();
    const services = skyflow.processes();
    await ok('backup', 'restore', place, '--replace', '--yes');
    await eventually(
      'services have started anew on what was restored',
      async () => {
        expect(await ok('get', 'jobs', '-o', 'name')).toBe('job.skyflow.io/before');
        expect(skyflow.processes()['api-gateway']).not.toBe(services['api-gateway']);
        expect(skyflow.processes().scheduler).not.toBe(services.scheduler);
        for (const context of skyflow.clusters.contexts)
          expect(await ok('get', 'clusters')).toMatch(new RegExp(`${context} [^]*READY`));
      },
      90_000,
    );
    await running('before');
    await create('later');
    const runs = await natives();
    expect(runs).toEqual(expect.arrayContaining(ran));
    expect(runs.filter((each) => /^(before|after)/.test(each))).toEqual(ran);
    await ok('backup', 'create', place);
    expect(await ok('backup', 'verify', place)).toMatch(/is whole/);
    await ok('delete', 'job', 'before', '--wait');
    expect((await natives()).filter((each) => each.startsWith('before'))).toEqual([]);
    expect((await natives()).filter((each) => each.startsWith('after')).length).toBeGreaterThan(0);
  }, 240_000);
});
