/** The driver of Google Cloud with the unmodified SDK, against an endpoint that speaks Compute Engine's protocol and has its bad days. */
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ProvisionCloud } from '@skyflow/contracts';
import { contextOf, machineOf } from '../../testing/cloud-harness.js';
import { type GcpHarness, GCP_OPTIONS, startGcp } from '../../testing/gcp/gcp-harness.js';
import { failureOf, itRentsMachines } from '../../testing/machine-driver.contract.js';
import type { MachineContext } from '../machine-driver.js';
import { GcpClient } from './gcp-client.js';
import { GcpDriver } from './gcp-driver.js';
import { gcpName, labelOf, requestIdOf } from './gcp-names.js';

const before = { ...process.env };
afterAll(() => {
  process.env = before;
});

itRentsMachines(startGcp);

describe('Google Cloud', () => {
  let gcp: GcpHarness;
  beforeEach(async () => {
    gcp = await startGcp();
  }, 60_000);
  afterEach(() => gcp.stop());

  const contextFor = (cloud: Partial<ProvisionCloud>): MachineContext => contextOf({ ...gcp.cloud, ...cloud });
  const laid = async (context = contextFor({})): Promise<MachineContext> => ({
    ...context,
    groundwork: await gcp.driver.layGroundwork('europe-west1', context),
  });

  it('offers no shared processors and no ARM, by prices of its own, and less for spot', async () => {
    const offers = await gcp.driver.offers(contextFor({}));
    expect(offers[0]).toEqual({
      ...{ provider: 'gcp', region: 'europe-west1', zone: 'europe-west1-b', type: 'e2-standard-8' },
      ...{ cpus: 8, memoryGiB: 32, hourly: 0.2948 },
    });
    expect(offers.filter(({ type }) => /^(e2-medium|t2a)/.test(type))).toEqual([]);
    const n2d = offers.filter(({ type }) => type === 'n2d-standard-8').map(({ zone }) => zone);
    expect(n2d).toEqual(['europe-west1-b', 'europe-west1-c']);
    const [spot] = await gcp.driver.offers(contextFor({ spot: true }));
    expect(spot?.hourly).toBe(0.1179);
  });

  it('puts accelerators into machines that take them, and offers those that have them', async () => {
    const t4 = contextFor({ accelerators: 'T4:1' });
    const offers = await gcp.driver.offers(t4);
    expect(offers[0]).toMatchObject({ type: 'n1-standard-8', zone: 'europe-west1-b', accelerators: 'T4:1' });
    expect(new Set(offers.map(({ zone }) => zone))).toEqual(new Set(['europe-west1-b']));
    const offer = { ...gcp.offer, type: 'n1-standard-8' };
    await gcp.driver.create(machineOf({ provider: 'gcp', offer }), await laid(t4));
    expect(gcp.fake.world.instances[0]?.request).toMatchObject({
      guestAccelerators: [
        { acceleratorType: 'zones/europe-west1-b/acceleratorTypes/nvidia-tesla-t4', acceleratorCount: 1 },
      ],
      scheduling: { onHostMaintenance: 'TERMINATE', automaticRestart: true },
    });
    const [l4] = await gcp.driver.offers(contextFor({ accelerators: 'l4' }));
    expect(l4).toMatchObject({ type: 'g2-standard-8', accelerators: 'L4:1' });
  });

  it('says which region is none', async () => {
    expect(await failureOf(gcp.driver.offers(contextFor({ region: 'eu-west-1' })))).toMatchObject({
      ...{ class: 'config', message: 'Google Cloud has no region eu-west-1' },
    });
  });

  it('is asked for a machine with key, disk that goes with it, firewall tag and marks; spot ones are deleted when taken back', async () => {
    const on = await laid(contextFor({ spot: true, ports: [8080], diskGiB: 80 }));
    await gcp.driver.create(machineOf(gcp), on);
    const { request } = gcp.fake.world.instances[0] ?? {};
    expect(request).toMatchObject({
      ...{ name: 'skyflow-prod-eu-u1-0', machineType: 'zones/europe-west1-b/machineTypes/n2-standard-8' },
      ...{ labels: { 'skyflow-owner': 'here' }, tags: { items: ['skyflow-prod-eu-u1-00000'] } },
      disks: [{ autoDelete: true, initializeParams: { diskSizeGb: '80' } }],
      scheduling: { provisioningModel: 'SPOT', instanceTerminationAction: 'DELETE' },
    });
    expect(request?.disks?.[0]?.initializeParams?.sourceImage).toBe(
      'projects/ubuntu-os-cloud/global/images/ubuntu-2204-jammy-v20250320',
    );
    const keys = request?.metadata?.items?.find(({ key }) => key === 'ssh-keys')?.value;
    expect(keys).toMatch(/^ubuntu:ssh-ed25519 /);
    expect([...gcp.fake.world.firewalls.values()]).toMatchObject([
      { name: 'skyflow-prod-eu-u1-00000-nodes', sourceTags: ['skyflow-prod-eu-u1-00000'] },
      { sourceRanges: ['0.0.0.0/0'], allowed: [{ IPProtocol: 'tcp', ports: ['22', '6443', '8080'] }] },
    ]);
  });

  it.each([
    ['QUOTA_EXCEEDED', 'quota'],
    ['ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS', 'capacity'],
    ['SOMETHING_NEW', 'unknown'],
  ])('may begin and be refused after all: %s is %s', async (code, kind) => {
    const on = await laid();
    gcp.fake.world.weather.operationMs = 300;
    gcp.fake.world.weather.refusals.push({ code, message: 'not today' });
    expect(await failureOf(gcp.driver.create(machineOf(gcp), on))).toMatchObject({
      class: kind,
      line: `${code}: not today`,
    });
    expect(gcp.made()).toBe(0);
  });

  it('names what stands where a machine should be and is not ours', async () => {
    gcp.stray('prod-eu-u1-0', 'elsewhere');
    expect(await failureOf(gcp.driver.create(machineOf(gcp), await laid()))).toMatchObject({
      class: 'config',
      message: expect.stringContaining('skyflow-prod-eu-u1-0 is there and is not ours'),
    });
  });

  it('lists nothing while a zone of the region does not answer', async () => {
    gcp.fake.world.weather.unreachable.add('europe-west1-c');
    const { signal } = new AbortController();
    expect(await failureOf(gcp.driver.list('europe-west1', 'here', signal))).toMatchObject({ class: 'network' });
    expect(await gcp.driver.list('us-central1', 'here', signal)).toEqual([]);
  });

  it('says why a machine stands still', async () => {
    const on = await laid();
    const { providerId } = await gcp.driver.create(machineOf(gcp), on);
    const [instance] = gcp.fake.world.instances;
    if (instance !== undefined) instance.stopped = 'it was stopped in the console';
    expect(await failureOf(gcp.driver.find({ ...machineOf(gcp), providerId }, on))).toMatchObject({
      message: expect.stringContaining('it was stopped in the console'),
    });
  });

  it.each([
    ['are refused', () => void (gcp.fake.world.weather.isSignInRefused = true), /invalid_grant/],
    [
      'are not there',
      () => void (process.env['GOOGLE_APPLICATION_CREDENTIALS'] = '/nowhere/at-all.json'),
      /no credentials of Google Cloud: .*nowhere/,
    ],
  ])('says so when credentials %s', async (_how, spoil, message) => {
    spoil();
    const client = new GcpClient({ project: undefined, endpoint: gcp.fake.url, answerMs: 2_000 });
    expect(await failureOf(new GcpDriver(client, GCP_OPTIONS).offers(contextFor({})))).toMatchObject({
      ...{ class: 'auth', message: expect.stringMatching(message) },
      advice: expect.stringContaining('GOOGLE_APPLICATION_CREDENTIALS'),
    });
  });
});

describe('names in Google Cloud', () => {
  it('keep its rules and stay apart', () => {
    const long = 'a'.repeat(60);
    const names = [`${long}1`, `${long}2`, 'Prod.eu', 'prod-eu'].map(gcpName);
    for (const name of names) expect(name).toMatch(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/);
    expect(new Set(names).size).toBe(4);
    expect(labelOf('prod-eu')).toBe('prod-eu');
    expect(labelOf('Prod.eu')).toMatch(/^[0-9a-f]{63}$/);
    expect(requestIdOf('t')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
