/** The driver of EC2 with the unmodified SDK, against an endpoint that speaks EC2's protocol and has its bad days. */
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ProvisionCloud } from '@skyflow/contracts';
import type { ProvisionMachine } from '@skyflow/domain';
import { PUBLIC_KEY, contextOf as contextFor, machineOf } from '../../testing/cloud-harness.js';
import { startAws } from '../../testing/ec2/aws-harness.js';
import type { FakeEc2 } from '../../testing/ec2/fake-ec2.js';
import { failureOf, itRentsMachines } from '../../testing/machine-driver.contract.js';
import type { MachineContext, MachineDriver } from '../machine-driver.js';

const CLOUD: ProvisionCloud = { provider: 'aws', region: 'eu-west-1', nodes: 3, cpus: 8, memoryGiB: 32 };
const OFFER = { region: 'eu-west-1', zone: 'eu-west-1a', type: 'm6i.2xlarge', hourly: 0.4 };

const before = { ...process.env };

afterAll(() => {
  process.env = before;
});

itRentsMachines(startAws);

describe('AWS', () => {
  let ec2: FakeEc2;
  let driver: MachineDriver;
  let context: MachineContext;
  afterEach(() => ec2.stop());

  beforeEach(async () => {
    const aws = await startAws();
    ({ fake: ec2, driver } = aws);
    context = contextOf({});
  }, 60_000);

  const contextOf = (cloud: Partial<ProvisionCloud>): MachineContext => contextFor({ ...CLOUD, ...cloud });
  const machine = (): ProvisionMachine => machineOf({ provider: 'aws', offer: OFFER });

  const laid = async (): Promise<MachineContext> => ({
    ...context,
    groundwork: await driver.layGroundwork('eu-west-1', context),
  });

  describe('offers', () => {
    it('are types that are enough, in zones that have them, by price; what has no known price is named and refused', async () => {
      const offers = await driver.offers(context);
      expect(offers[0]).toEqual({
        ...{ provider: 'aws', region: 'eu-west-1', zone: 'eu-west-1a', type: 'm5.2xlarge', cpus: 8, memoryGiB: 32 },
        hourly: 0.01,
      });
      expect(offers.every(({ cpus, memoryGiB }) => cpus >= 8 && memoryGiB >= 32)).toBe(true);
      const types = new Set(offers.map(({ type }) => type));
      expect(types).toContain('m6a.2xlarge');
      expect([...types].filter((type) => /^(t3|g4dn)\./.test(type))).toEqual([]);
      expect(offers.filter(({ type }) => type === 'm6a.2xlarge').map(({ zone }) => zone)).toEqual([
        'eu-west-1a',
        'eu-west-1b',
      ]);
      expect(offers.find(({ type }) => type.startsWith('m99.'))?.refused).toContain('SKYFLOW_AWS_PRICES');
    });

    it('have the accelerators that are asked for, of one zone where it is named', async () => {
      const { spec, signal } = contextOf({ accelerators: 't4:1', zone: 'eu-west-1b' });
      const offers = await driver.offers({ spec, signal });
      expect(offers[0]).toMatchObject({ type: 'g4dn.2xlarge', zone: 'eu-west-1b', accelerators: 'T4:1' });
      expect(offers.map(({ type }) => type)).toEqual(['g4dn.2xlarge', 'g4dn.12xlarge']);
    });

    it('have the spot price of each zone, and are of every region that is known if none is named', async () => {
      const spot = contextOf({ spot: true });
      const [cheapest] = await driver.offers(spot);
      expect(cheapest).toMatchObject({ zone: 'eu-west-1b', hourly: 0.096 });
      const { region: _region, ...anywhere } = CLOUD;
      const all = await driver.offers({ spec: { cloud: anywhere }, signal: spot.signal });
      expect(new Set(all.map(({ region }) => region))).toEqual(new Set(['eu-west-1', 'us-east-1']));
    });

    it.each([
      ['UnauthorizedOperation', 403, 'auth'],
      ['OptInRequired', 401, 'auth'],
      ['InvalidParameterValue', 400, 'config'],
    ])('end with a reason at %s', async (code, status, kind) => {
      ec2.world.weather.failures.push({ action: 'DescribeInstanceTypes', code, status });
      expect(await failureOf(driver.offers(context))).toMatchObject({
        class: kind,
        line: expect.stringContaining(code),
        message: expect.stringContaining('offers in eu-west-1'),
      });
    });
  });

  describe('groundwork', () => {
    it('is a key pair and a group that lets nodes talk, and the newest image; laid twice it is the same', async () => {
      ec2.world.weather.visibleAfterMs = 700;
      const facts = await driver.layGroundwork('eu-west-1', contextOf({ ports: [8080] }));
      const [group] = ec2.world.groups;
      expect(facts).toMatchObject({
        key: 'skyflow-prod-eu-u1-00000',
        group: group?.id,
        image: 'ami-eu-west-1-2025-03-20',
      });
      expect(facts['subnet/eu-west-1b']).toBe('subnet-eu-west-1b');
      expect([...(group?.permissions ?? [])]).toEqual([
        `-1::${group?.id ?? ''}`,
        ...['tcp:22:0.0.0.0/0', 'tcp:6443:0.0.0.0/0', 'tcp:8080:0.0.0.0/0'],
      ]);
      expect([...ec2.world.keys.values()]).toEqual([PUBLIC_KEY]);
      expect(await driver.layGroundwork('eu-west-1', contextOf({ ports: [8080] }))).toEqual(facts);
      expect(ec2.world.groups).toHaveLength(1);
    });

    it('is laid though answers are lost', async () => {
      ec2.world.weather.lost.push('ImportKeyPair', 'CreateSecurityGroup', 'AuthorizeSecurityGroupIngress');
      expect(await driver.layGroundwork('eu-west-1', context)).toMatchObject({ group: ec2.world.groups[0]?.id });
      expect(ec2.world.groups).toHaveLength(1);
    });

    it('is cleared when no machine stands on it, and may be cleared again', async () => {
      const on = await laid();
      await driver.create(machine(), on);
      expect(await failureOf(driver.clearGroundwork('eu-west-1', on))).toMatchObject({
        line: expect.stringContaining('DependencyViolation'),
      });
      await driver.delete(machine(), on);
      await driver.clearGroundwork('eu-west-1', on);
      await driver.clearGroundwork('eu-west-1', on);
      expect(ec2.world.groups).toEqual([]);
      expect(ec2.world.keys.size).toBe(0);
    });
  });

  describe('a machine', () => {
    it('is asked for with key, group, subnet, tags and token; the same token gives the same one', async () => {
      const on = await laid();
      const made = await driver.create(machine(), on);
      expect(await driver.create(machine(), on)).toMatchObject({ providerId: made.providerId });
      const [instance] = ec2.world.instances;
      expect(instance).toMatchObject({
        ...{ zone: 'eu-west-1a', type: 'm6i.2xlarge', key: on.groundwork.key, group: on.groundwork.group },
        tags: {
          ...{ Name: 'prod-eu-u1-0', 'skyflow-machine': 'prod-eu-u1-0', 'skyflow-op': 't0' },
          ...{ 'skyflow-owner': 'here', 'skyflow-cluster': 'u1-00000000', 'skyflow-cluster-name': 'prod-eu' },
        },
      });
      expect(instance?.token).toMatch(/^[0-9a-f]{64}$/);
      expect(ec2.world.instances).toHaveLength(1);
      expect(await driver.find(machine(), on)).toMatchObject({
        ...{ providerId: made.providerId, address: '127.0.0.1', login: { user: 'ubuntu', port: 22 } },
      });
    });

    it('is the oldest of two that were made for it; the other is ended and told of', async () => {
      const on = await laid();
      ec2.world.weather.twins = 1;
      await driver.create(machine(), on);
      const [first, second] = ec2.world.instances;
      expect(await driver.find(machine(), on)).toMatchObject({ providerId: first?.id, removed: [second?.id] });
      expect(ec2.world.alive.map(({ id }) => id)).toEqual([first?.id]);
    });

    it.each([
      ['InsufficientInstanceCapacity', 500, 'capacity'],
      ['Unsupported', 400, 'capacity'],
      ['VcpuLimitExceeded', 400, 'quota'],
      ['MaxSpotInstanceCountExceeded', 400, 'quota'],
      ['UnauthorizedOperation', 403, 'auth'],
      ['InvalidAMIID.NotFound', 400, 'config'],
    ])(
      'that is refused with %s was not made',
      async (code, status, kind) => {
        const on = await laid();
        ec2.world.weather.failures.push(...Array.from({ length: 4 }, () => ({ action: 'RunInstances', code, status })));
        expect(await failureOf(driver.create(machine(), on))).toMatchObject({
          class: kind,
          line: expect.stringContaining(code),
        });
        expect(ec2.world.instances).toEqual([]);
      },
      60_000,
    );

    it('says why it ended by itself', async () => {
      const on = await laid();
      const { providerId } = await driver.create(machine(), on);
      const [instance] = ec2.world.instances;
      if (instance === undefined) throw new Error('no instance');
      instance.reason = { code: 'Server.InsufficientInstanceCapacity', message: 'no room after all' };
      expect(await failureOf(driver.find({ ...machine(), providerId }, on))).toMatchObject({
        class: 'capacity',
        message: expect.stringContaining('no room after all'),
      });
    });
  });
});
