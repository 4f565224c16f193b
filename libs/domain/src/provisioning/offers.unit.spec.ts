/** Offers over zones, regions and clouds: which is taken, which is passed over, for how long, and where a cluster goes then. */
import { describe, expect, it } from '@jest/globals';
import type { FailureClass, ProvisionFailure, ProvisionSpec } from '@skyflow/contracts';
import fc from 'fast-check';
import { cloudsOf, offerKey, rankOffers } from './offers.js';
import { planCluster } from './plan.js';
import { initialProvisioning, requestedCluster } from './state.js';
import { OFFERS, World } from './world.testing.js';

const ON_ANY: ProvisionSpec = { cloud: { provider: 'aws', alternatives: ['gcp'], nodes: 2, cpus: 2, memoryGiB: 8 } };
const failureOf = (cause: FailureClass): ProvisionFailure => ({ class: cause, message: cause, advice: 'do it' });

function builtWith(trouble: (world: World) => void): World {
  const world = new World({ spec: ON_ANY, draws: [], trouble: 0 });
  trouble(world);
  world.settle();
  return world;
}

describe('offers', () => {
  it('passes over for a while what had no room for another, and then no more', () => {
    const offers = OFFERS.filter(({ provider }) => provider === 'aws');
    const key = 'eu-west-1/a/m5.large';
    const blocked = new Map([[key, { times: 1, untilMs: 10_000, why: 'no room' }]]);
    const ranked = rankOffers(offers, [], blocked, 9_999);
    expect(ranked[0]).toMatchObject({ zone: 'b' });
    expect(ranked.at(-1)).toMatchObject({
      zone: 'a',
      refused: expect.stringContaining('passed over until 1970-01-01'),
    });
    expect(rankOffers(offers, [], blocked, 10_000)[0]).toMatchObject({ zone: 'a', type: 'm5.large' });
  });

  it('of all clouds are in one table by price, whatever the order in which they come', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(OFFERS, { minLength: OFFERS.length }), (offers) => {
        expect(rankOffers(offers, []).map(offerKey)).toEqual(rankOffers(OFFERS, []).map(offerKey));
      }),
    );
    expect(rankOffers(OFFERS, []).map(({ provider }) => provider)).toEqual(['gcp', 'aws', 'aws', 'gcp', 'aws', 'aws']);
  });

  it('of a region or a cloud are passed over together', () => {
    const open = (...refused: string[]): string[] =>
      rankOffers(OFFERS, refused)
        .filter((offer) => offer.refused === undefined)
        .map(({ provider, region }) => `${provider} ${region}`);
    expect(open('aws/eu-west-1', 'gcp')).toEqual(['aws us-east-1']);
    expect(rankOffers(OFFERS, ['gcp']).at(-1)?.refused).toBe('its cloud was tried in vain');
  });

  it('that are all passed over for the sake of others are tried all the same', () => {
    const state = initialProvisioning();
    for (const provider of ['aws', 'gcp']) state.blocked.set(provider, { times: 1, untilMs: 9_999, why: 'auth' });
    const cluster = requestedCluster({ kind: 'Cluster', name: 'prod', uid: 'u1-00000000' }, ON_ANY, 0);
    expect(planCluster(state, cluster, OFFERS, 1)).toMatchObject({
      type: 'Planned',
      machines: [{ driver: 'gcp' }, {}],
    });
  });

  it('name the clouds that were left out, in a plan and in a failure', () => {
    const cluster = requestedCluster({ kind: 'Cluster', name: 'prod', uid: 'u1-00000000' }, ON_ANY, 0);
    const leftOut = [{ provider: 'gcp', message: 'no credentials', advice: 'give some' }];
    const offers = OFFERS.filter(({ provider }) => provider === 'aws');
    expect(planCluster(initialProvisioning(), cluster, offers, 1, leftOut)).toMatchObject({ type: 'Planned', leftOut });
    expect(planCluster(initialProvisioning(), cluster, [], 1, leftOut)).toMatchObject({
      type: 'Failed',
      failure: { message: 'aws has no machine with 2 cpus, 8 GiB; gcp was left out: no credentials' },
    });
  });

  it('are of each cloud once', () => {
    expect(
      cloudsOf({ ...ON_ANY.cloud, provider: 'gcp', alternatives: ['gcp', 'aws'], nodes: 1, cpus: 1, memoryGiB: 1 }),
    ).toEqual(['gcp', 'aws']);
  });
});

describe('a cluster of several clouds', () => {
  it('is where it costs least', () => {
    const world = builtWith(() => undefined);
    expect(world.cluster).toMatchObject({ phase: 'Active', attempts: 1, groundwork: { provider: 'gcp' } });
  });

  it.each<[FailureClass, string]>([
    ['auth', 'gcp'],
    ['quota', 'gcp/us-central1'],
    ['config', 'gcp/us-central1'],
    ['capacity', 'us-central1/a/e2-standard-2'],
  ])('goes on when the cheapest fails with %s, passes over %s, and leaves nothing there', (cause, passedOver) => {
    const world = builtWith(({ troubles }) => troubles.set('gcp', failureOf(cause)));
    expect(world.cluster).toMatchObject({ phase: 'Active', attempts: 2, groundwork: { provider: 'aws' } });
    expect([...(world.cluster?.machines.values() ?? [])].map(({ driver }) => driver)).toEqual(['aws', 'aws']);
    expect([...world.ground]).toEqual(['u1-00000000/eu-west-1']);
    expect(world.cloud.size).toBe(2);
    expect([...world.state.blocked.keys()]).toEqual([passedOver]);
  });

  it('fails when every cloud does, with nothing left, and says what was in the way', () => {
    const world = builtWith(({ troubles }) => {
      for (const cloud of ['aws', 'gcp']) troubles.set(cloud, failureOf('auth'));
    });
    expect(world.cluster).toMatchObject({ phase: 'Failed', attempts: 2, failure: { class: 'capacity' } });
    expect(world.cluster?.failure?.message).toContain('its cloud was tried in vain');
    expect([world.cloud.size, world.ground.size]).toEqual([0, 0]);
  });
});
