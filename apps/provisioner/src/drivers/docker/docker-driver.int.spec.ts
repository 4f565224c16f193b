/**
 * The driver of Docker against a real engine that has its image (deploy/machine, or SKYFLOW_DOCKER_IMAGE); skipped with a line elsewhere. What
 * every driver promises, as far as an engine of one's own can have the bad days of a cloud; that there is no engine is tested everywhere.
 */
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import type Docker from 'dockerode';
import { PUBLIC_KEY, contextOf, machineOf } from '../../testing/cloud-harness.js';
import { DOCKER_OPTIONS } from '../../testing/machine-image.js';
import type { MachineContext } from '../machine-driver.js';
import { DockerDriver, LOCAL } from './docker-driver.js';
import { engineOf } from './docker-engine.js';

const OPTIONS = DOCKER_OPTIONS;
const CLOUD = { provider: 'docker', nodes: 1, cpus: 1, memoryGiB: 1 } as const;
const OFFER = { region: LOCAL, type: 'container', hourly: 0 };
const LONG_MS = 120_000;

const withEngine = await needing('image of a machine');

const failureOf = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => 'it was done',
    (error: unknown) => (error as { failure?: unknown }).failure ?? String(error),
  );

describe('machines of Docker where there are none', () => {
  it('are refused with what to do, before anything is made', async () => {
    const nowhere = new DockerDriver({ ...OPTIONS, host: 'unix:///nowhere/docker.sock' });
    expect(await failureOf(nowhere.offers(contextOf(CLOUD)))).toMatchObject({
      class: 'config',
      message: expect.stringContaining('no Docker engine answers at unix:///nowhere/docker.sock'),
      advice: expect.stringContaining('SKYFLOW_DOCKER_HOST'),
    });
    const wrong = new DockerDriver({ ...OPTIONS, host: 'docker.example.com' });
    expect(await failureOf(wrong.offers(contextOf(CLOUD)))).toMatchObject({
      message: 'the address of the Docker engine is docker.example.com',
    });
    expect(await nowhere.offers(contextOf({ ...CLOUD, region: 'eu-west-1' }))).toEqual([]);
  });
});

withEngine.describe('machines of Docker', () => {
  const driver = new DockerDriver(OPTIONS);
  const context = contextOf(CLOUD, `test-${String(process.pid)}`);
  const machine = machineOf({ provider: 'docker', offer: OFFER }, `prod-eu-${String(process.pid)}`);
  const laid = async (): Promise<MachineContext> => ({
    ...context,
    groundwork: await driver.layGroundwork(LOCAL, context),
  });
  const containers = (): Promise<Docker.ContainerInfo[]> =>
    engineOf(OPTIONS).listContainers({ all: true, filters: { label: [`skyflow-owner=${context.owner}`] } });

  const clean = async (): Promise<void> => {
    await driver.delete(machine, context);
    await driver.clearGroundwork(LOCAL, context);
  };
  afterEach(clean, LONG_MS);
  afterAll(clean, LONG_MS);

  it(
    'are offered as asked for, where the engine has as much',
    async () => {
      expect(await driver.offers(context)).toEqual([{ provider: 'docker', ...OFFER, cpus: 1, memoryGiB: 1 }]);
      const [large] = await driver.offers(contextOf({ ...CLOUD, cpus: 10_000 }));
      expect(large?.refused).toMatch(/^the engine has \d+ cpus and [\d.]+ GiB$/);
    },
    LONG_MS,
  );

  it(
    'are one for one name, found with an address, and gone with their network',
    async () => {
      const on = await laid();
      expect(await driver.layGroundwork(LOCAL, context)).toEqual(on.groundwork);
      const made = await driver.create(machine, on);
      expect(await driver.create(machine, on)).toEqual(made);
      expect(made).toMatchObject({ address: expect.stringMatching(/^\d+\./), login: { user: 'root', port: 22 } });
      expect(await driver.find(machine, on)).toEqual(made);
      expect(await driver.list(LOCAL, context.owner)).toEqual([
        { id: made.providerId, name: machine.name, cluster: 'u1-00000000', clusterName: 'prod-eu' },
      ]);
      const [info] = await containers();
      const seen = await engineOf(OPTIONS)
        .getContainer(info?.Id ?? '')
        .inspect();
      expect(seen.HostConfig).toMatchObject({ NanoCpus: 1e9, Memory: 1024 ** 3, Privileged: OPTIONS.privileged });
      expect(await driver.isGone(machine, on)).toBe(false);
      await driver.delete(machine, on);
      await driver.delete(machine, on);
      expect(await driver.isGone(machine, on)).toBe(true);
      expect(await driver.find(machine, on)).toBeUndefined();
      await driver.clearGroundwork(LOCAL, on);
      await driver.clearGroundwork(LOCAL, on);
      const networks = await engineOf(OPTIONS).listNetworks({ filters: { label: [`skyflow-owner=${context.owner}`] } });
      expect(networks).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'that were made and not started when the provisioner was killed are taken up where they were',
    async () => {
      const on = await laid();
      const Labels = { 'skyflow-owner': context.owner, 'skyflow-machine': machine.name };
      const HostConfig = { NetworkMode: on.groundwork['network'] ?? '', Privileged: OPTIONS.privileged };
      await engineOf(OPTIONS).createContainer({ name: machine.name, Image: OPTIONS.image, Labels, HostConfig });
      expect(await driver.find(machine, on)).toMatchObject({ address: expect.any(String) });
      expect(await containers()).toMatchObject([{ State: 'running' }]);
      // The key is in it, as it was put there before the start.
      const archive = await engineOf(OPTIONS)
        .getContainer(machine.name)
        .getArchive({ path: '/root/.ssh/authorized_keys' });
      let text = '';
      for await (const chunk of archive) text += String(chunk);
      expect(text).toContain(PUBLIC_KEY);
    },
    LONG_MS,
  );

  it(
    'of another installation are neither seen nor ended, and a name that is taken is a failure',
    async () => {
      const on = await laid();
      const { providerId } = await driver.create(machine, on);
      const other = { ...on, owner: 'elsewhere' };
      expect(await driver.find(machine, other)).toBeUndefined();
      await driver.delete(machine, other);
      await driver.endOrphan({ id: providerId }, 'elsewhere');
      expect(await containers()).toHaveLength(1);
      expect(await failureOf(driver.create(machine, other))).toMatchObject({
        class: 'config',
        message: `container ${machine.name} is there and is not ours`,
      });
      await driver.endOrphan({ id: providerId }, context.owner);
      expect(await containers()).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'of an image that is not there say how it is made',
    async () => {
      const imageless = new DockerDriver({ ...OPTIONS, image: 'skyflow/no-such:image' });
      expect(await failureOf(imageless.create(machine, await laid()))).toMatchObject({
        class: 'config',
        message: 'the Docker engine has no image skyflow/no-such:image',
        advice: expect.stringContaining('docker build -t skyflow/no-such:image deploy/machine'),
      });
      expect(await containers()).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'that the engine will not start were not made',
    async () => {
      const on = { ...context, groundwork: { network: 'skyflow-no-such-network' } };
      expect(await failureOf(driver.create(machine, on))).toMatchObject({ class: 'docker', line: expect.any(String) });
      expect(await containers()).toEqual([]);
    },
    LONG_MS,
  );
});
