/** Offers of several clouds at once, by their drivers, against endpoints that speak their protocols. */
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ProvisionSpec } from '@skyflow/contracts';
import { rankOffers } from '@skyflow/domain';
import type { CloudHarness } from '../testing/cloud-harness.js';
import { startAws } from '../testing/ec2/aws-harness.js';
import { startGcp } from '../testing/gcp/gcp-harness.js';
import { failureOf } from '../testing/machine-driver.contract.js';
import { type CloudOffers, offersOfClouds } from './offers-of-clouds.js';

const before = { ...process.env };
const SPEC: ProvisionSpec = { cloud: { provider: 'aws', alternatives: ['gcp'], nodes: 1, cpus: 8, memoryGiB: 30 } };
let aws: CloudHarness;
let gcp: CloudHarness;

beforeEach(async () => {
  [aws, gcp] = await Promise.all([startAws(), startGcp()]);
}, 60_000);
afterEach(() => Promise.all([aws.stop(), gcp.stop()]));
afterAll(() => {
  process.env = before;
});

const ask = (): Promise<CloudOffers> =>
  offersOfClouds({ machineDrivers: { aws: aws.driver, gcp: gcp.driver } }, SPEC, new AbortController().signal);

describe('offers of several clouds', () => {
  it('are of all of them, and ranked in one table', async () => {
    const { offers, leftOut } = await ask();
    expect(leftOut).toEqual([]);
    const ranked = rankOffers(offers, []).filter(({ refused }) => refused === undefined);
    expect(ranked[0]).toMatchObject({ provider: 'aws', type: 'm5.2xlarge', hourly: 0.01 });
    expect(new Set(ranked.slice(0, 12).map(({ provider }) => provider))).toEqual(new Set(['aws', 'gcp']));
  });

  it('are of the others where one has no credentials, which is said with the way out', async () => {
    process.env['GOOGLE_APPLICATION_CREDENTIALS'] = '/nowhere';
    const { offers, leftOut } = await ask();
    expect(new Set(offers.map(({ provider }) => provider))).toEqual(new Set(['aws']));
    expect(leftOut).toMatchObject([
      {
        ...{ provider: 'gcp', message: expect.stringContaining('no credentials of Google Cloud') },
        advice: expect.stringContaining('GOOGLE_APPLICATION_CREDENTIALS'),
      },
    ]);
  });

  it('are none when no cloud can be asked: that is a failure, which names all of them', async () => {
    process.env['GOOGLE_APPLICATION_CREDENTIALS'] = '/nowhere';
    // Both regions are asked.
    aws.refuse('offers', 'auth', 2);
    expect(await failureOf(ask())).toMatchObject({
      ...{ class: 'auth', message: expect.stringMatching(/no cloud can be asked for offers: aws: .*; gcp: .*/) },
    });
  });
});
