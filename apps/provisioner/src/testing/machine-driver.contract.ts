/** What every driver that rents machines promises, whatever the cloud: the same tests for all of them. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ProvisionFailure } from '@skyflow/contracts';
import type { ListedMachine } from '@skyflow/domain';
import { type MachineContext, UnknownOutcomeError } from '../drivers/machine-driver.js';
import { ProvisionError } from '../provision-error.js';
import { type CloudCall, type CloudHarness, type Refusal, contextOf, machineOf } from './cloud-harness.js';

const LONG_MS = 120_000;

export async function failureOf(attempt: Promise<unknown>): Promise<ProvisionFailure | string> {
  const error: unknown = await attempt.then(
    () => 'it was done',
    (thrown: unknown) => thrown,
  );
  if (error instanceof ProvisionError) return error.failure;
  return error instanceof UnknownOutcomeError ? 'unknown' : String(error);
}

export function itRentsMachines(start: () => Promise<CloudHarness>): void {
  describe('as every cloud', () => {
    suite(start);
  });
}

function suite(start: () => Promise<CloudHarness>): void {
  let cloud: CloudHarness;
  let context: MachineContext;

  beforeEach(async () => {
    cloud = await start();
    context = contextOf(cloud.cloud);
  }, LONG_MS);
  afterEach(() => cloud.stop());

  const laid = async (of = context): Promise<MachineContext> => ({
    ...of,
    groundwork: await cloud.driver.layGroundwork(cloud.region, of),
  });

  describe('offers of a cloud', () => {
    it(
      'are enough, of its region, in zones, and those with a known price come first, by price',
      async () => {
        const offers = await cloud.driver.offers(context);
        expect(offers.length).toBeGreaterThan(3);
        for (const { provider, region, zone, cpus, memoryGiB, refused, hourly } of offers) {
          expect({ provider, region }).toEqual({ provider: cloud.provider, region: cloud.region });
          expect(zone).toBeDefined();
          expect(cpus).toBeGreaterThanOrEqual(cloud.cloud.cpus);
          expect(memoryGiB).toBeGreaterThanOrEqual(cloud.cloud.memoryGiB);
          expect(hourly > 0).toBe(refused === undefined);
        }
        const priced = offers.filter(({ refused }) => refused === undefined).map(({ hourly }) => hourly);
        expect(priced).toEqual([...priced].sort((a, b) => a - b));
        expect(offers.find(({ refused }) => refused !== undefined)?.refused).toMatch(/SKYFLOW_\w+_PRICES/);
        expect(offers.slice(0, priced.length).every(({ refused }) => refused === undefined)).toBe(true);
      },
      LONG_MS,
    );

    it(
      'end with a reason where one may not ask, and come through throttling',
      async () => {
        cloud.refuse('offers', 'throttled');
        expect(await cloud.driver.offers(context)).not.toEqual([]);
        cloud.refuse('offers', 'auth');
        expect(await failureOf(cloud.driver.offers(context))).toMatchObject({
          class: 'auth',
          message: expect.stringContaining(`offers in ${cloud.region}`),
          line: expect.any(String),
          advice: expect.stringContaining('credentials'),
        });
      },
      LONG_MS,
    );
  });

  describe('groundwork in a cloud', () => {
    it(
      'is the same however often it is laid, and though an answer is lost; cleared, nothing of it is there',
      async () => {
        const facts = await cloud.driver.layGroundwork(cloud.region, context);
        const parts = cloud.ground();
        expect(parts).toBeGreaterThan(0);
        expect(await cloud.driver.layGroundwork(cloud.region, context)).toEqual(facts);
        expect(cloud.ground()).toBe(parts);
        await cloud.driver.clearGroundwork(cloud.region, { ...context, groundwork: facts });
        expect(cloud.ground()).toBe(0);
        cloud.lose('groundwork');
        expect(Object.keys(await cloud.driver.layGroundwork(cloud.region, context))).toEqual(Object.keys(facts));
        expect(cloud.ground()).toBe(parts);
        await cloud.driver.clearGroundwork(cloud.region, context);
        await cloud.driver.clearGroundwork(cloud.region, context);
        expect(cloud.ground()).toBe(0);
      },
      LONG_MS,
    );
  });

  describe('a rented machine', () => {
    it(
      'is one for one token, and is found with an address and how one gets in',
      async () => {
        const on = await laid();
        const made = await cloud.driver.create(machineOf(cloud), on);
        expect(await cloud.driver.create(machineOf(cloud), on)).toMatchObject({ providerId: made.providerId });
        expect(cloud.alive()).toEqual(['prod-eu-u1-0']);
        expect(await cloud.driver.find(machineOf(cloud), on)).toMatchObject({
          ...{ providerId: made.providerId, address: '127.0.0.1', login: { user: 'ubuntu', port: 22 } },
        });
      },
      LONG_MS,
    );

    it(
      'is one, though the answer was lost or came too late',
      async () => {
        const on = await laid();
        cloud.lose('create');
        await cloud.driver.create(machineOf(cloud, 'a', 'ta'), on);
        cloud.late('create');
        await cloud.driver.create(machineOf(cloud, 'b', 'tb'), on);
        expect(cloud.alive()).toEqual(['a', 'b']);
        expect(cloud.made()).toBe(2);
      },
      LONG_MS,
    );

    it(
      'is unknown when every answer is lost; found when it is told of; and asked for again it is the same one',
      async () => {
        const on = await laid();
        cloud.setTimes({ visibleAfterMs: 3_600_000 });
        cloud.lose('create', 4);
        expect(await failureOf(cloud.driver.create(machineOf(cloud), on))).toBe('unknown');
        expect(await cloud.driver.find(machineOf(cloud), on)).toBeUndefined();
        cloud.setTimes({ visibleAfterMs: 0 });
        expect(await cloud.driver.find(machineOf(cloud), on)).toMatchObject({ providerId: expect.any(String) });
        await cloud.driver.create(machineOf(cloud), on);
        expect(cloud.made()).toBe(1);
      },
      LONG_MS,
    );

    it.each<Refusal>(['capacity', 'quota', 'auth', 'config'])(
      'that is refused for %s was not made',
      async (kind) => {
        const on = await laid();
        cloud.refuse('create', kind, 4);
        expect(await failureOf(cloud.driver.create(machineOf(cloud), on))).toMatchObject({
          class: kind,
          line: expect.any(String),
        });
        expect(cloud.made()).toBe(0);
      },
      LONG_MS,
    );

    it(
      'is gone when it does not linger any more, and may be ended again',
      async () => {
        const on = await laid();
        cloud.setTimes({ lingerMs: 600_000 });
        await cloud.driver.create(machineOf(cloud), on);
        await cloud.driver.delete(machineOf(cloud), on);
        expect(await cloud.driver.isGone(machineOf(cloud), on)).toBe(false);
        cloud.setTimes({ lingerMs: 0 });
        expect(await cloud.driver.isGone(machineOf(cloud), on)).toBe(true);
        await cloud.driver.delete(machineOf(cloud), on);
      },
      LONG_MS,
    );

    it(
      'of another installation, or of nobody, is neither seen nor ended',
      async () => {
        const on = await laid();
        await cloud.driver.create(machineOf(cloud), on);
        const other = { ...on, owner: 'elsewhere' };
        expect(await cloud.driver.find(machineOf(cloud), other)).toBeUndefined();
        await cloud.driver.delete(machineOf(cloud), other);
        expect(await cloud.driver.list(cloud.region, 'elsewhere', on.signal)).toEqual([]);
        const unmarked = cloud.stray('unmarked', undefined);
        for (const { id } of await cloud.driver.list(cloud.region, 'here', on.signal)) expect(id).not.toBe(unmarked);
        await cloud.driver.endOrphan({ region: cloud.region, id: unmarked }, 'here', on.signal);
        expect(cloud.alive()).toHaveLength(2);
      },
      LONG_MS,
    );
  });

  describe('what belongs to an installation', () => {
    it(
      'is listed by its marks and can be ended; a list that fails is none',
      async () => {
        const on = await laid();
        const { providerId } = await cloud.driver.create(machineOf(cloud), on);
        const listed = await cloud.driver.list(cloud.region, 'here', on.signal);
        expect(listed.filter(({ ground }) => ground !== true)).toEqual([
          { id: providerId, name: 'prod-eu-u1-0', cluster: 'u1-00000000', clusterName: 'prod-eu' },
        ]);
        cloud.refuse('list', 'config');
        expect(await failureOf(cloud.driver.list(cloud.region, 'here', on.signal))).toMatchObject({ class: 'config' });
        await cloud.driver.endOrphan({ region: cloud.region, id: providerId }, 'here', on.signal);
        expect(cloud.alive()).toEqual([]);
        await cloud.driver.endOrphan({ region: cloud.region, id: providerId }, 'here', on.signal);
      },
      LONG_MS,
    );

    it(
      'is listed and can be ended though it is no machine, and that of another installation is not',
      async () => {
        const on = await laid();
        await laid({ ...on, owner: 'elsewhere', cluster: { name: 'theirs', uid: 'v2-00000000' } });
        const parts = cloud.ground();
        const grounds = async (owner: string): Promise<(ListedMachine & { region: string })[]> => {
          const regions = cloud.driver.regions([cloud.region]);
          const lists = await Promise.all(
            regions.map(async (region) =>
              (await cloud.driver.list(region, owner, on.signal)).map((one) => ({ ...one, region })),
            ),
          );
          return lists.flat().filter(({ ground }) => ground === true);
        };
        const own = await grounds('here');
        expect(own.length).toBeGreaterThan(0);
        for (const each of own) expect(each).toMatchObject({ cluster: 'u1-00000000', clusterName: 'prod-eu' });
        for (const each of own) await cloud.driver.endOrphan(each, 'elsewhere', on.signal);
        expect(cloud.ground()).toBe(parts);
        for (const each of [...own, ...own]) await cloud.driver.endOrphan(each, 'here', on.signal);
        expect(await grounds('here')).toEqual([]);
        expect(cloud.ground()).toBe(parts / 2);
      },
      LONG_MS,
    );

    it.each([1, 2, 3])(
      'is gone at the end of a life full of bad days, whatever they were (seed %s)',
      async (seed) => {
        const chance = randomFrom(seed);
        const trouble = (call: CloudCall): void => {
          const drawn = chance();
          if (drawn < 0.3) cloud.lose(call);
          else if (drawn < 0.6) cloud.refuse(call, 'throttled');
          else if (drawn < 0.7 && call === 'create') cloud.refuse(call, 'capacity');
        };
        trouble('groundwork');
        const on = await laid();
        const machines = ['a', 'b', 'c'].map((name) => machineOf(cloud, name, name));
        for (const machine of machines) {
          trouble('create');
          await cloud.driver.create(machine, on).catch(() => undefined);
        }
        for (const machine of machines) {
          trouble('delete');
          await cloud.driver.delete(machine, on);
          expect(await cloud.driver.isGone(machine, on)).toBe(true);
        }
        trouble('groundwork');
        await cloud.driver.clearGroundwork(cloud.region, on);
        expect([cloud.alive(), cloud.ground()]).toEqual([[], 0]);
      },
      LONG_MS,
    );
  });
}

/** The same numbers every time (Lehmer). */
function randomFrom(seed: number): () => number {
  let state = seed * 7919;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
