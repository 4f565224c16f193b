/** The driver of Azure with the unmodified SDK, against an endpoint that speaks Resource Manager's protocol and has its bad days. */
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ProvisionCloud } from '@skyflow/contracts';
import { contextOf, machineOf } from '../../testing/cloud-harness.js';
import { AZURE_OPTIONS, type AzureHarness, startAzure } from '../../testing/azure/azure-harness.js';
import { failureOf, itRentsMachines } from '../../testing/machine-driver.contract.js';
import type { MachineContext } from '../machine-driver.js';
import { AzureAccount } from './azure-account.js';
import { AzureDriver } from './azure-driver.js';
import { azureName } from './azure-names.js';

const before = { ...process.env };
afterAll(() => {
  process.env = before;
});

itRentsMachines(startAzure);

describe('Azure', () => {
  let azure: AzureHarness;
  beforeEach(async () => {
    azure = await startAzure();
  }, 60_000);
  afterEach(() => azure.stop());

  const contextFor = (cloud: Partial<ProvisionCloud>): MachineContext => contextOf({ ...azure.cloud, ...cloud });
  const laid = async (context = contextFor({})): Promise<MachineContext> => ({
    ...context,
    groundwork: await azure.driver.layGroundwork('westeurope', context),
  });

  it('offers no sizes with credits, of ARM, or that this subscription may not have, and less for spot', async () => {
    const offers = await azure.driver.offers(contextFor({}));
    expect(offers[0]).toEqual({
      ...{ provider: 'azure', region: 'westeurope', zone: 'westeurope-1', type: 'Standard_D8as_v5' },
      ...{ cpus: 8, memoryGiB: 32, hourly: 0.4121 },
    });
    expect(offers.filter(({ type }) => /_B|ps_v5|_v4$|_NC/.test(type))).toEqual([]);
    const older = offers.filter(({ type }) => type === 'Standard_D8s_v3').map(({ zone }) => zone);
    expect(older).toEqual(['westeurope-2']);
    const [spot] = await azure.driver.offers(contextFor({ spot: true, zone: 'westeurope-3' }));
    expect(spot).toMatchObject({ zone: 'westeurope-3', hourly: 0.1648 });
  });

  it('offers the accelerators that are asked for', async () => {
    const [offer, ...others] = await azure.driver.offers(contextFor({ accelerators: 'T4:1', zone: 'westeurope-1' }));
    expect(offer).toMatchObject({ type: 'Standard_NC8as_T4_v3', accelerators: 'T4:1' });
    expect(others).toEqual([]);
  });

  it('says which region is none', async () => {
    expect(await failureOf(azure.driver.offers(contextFor({ region: 'eu-west-1' })))).toMatchObject({
      ...{ class: 'config', message: 'Azure has no region eu-west-1' },
    });
  });

  it('is asked for a machine whose disk, interface and address go with it, with key, zone and marks', async () => {
    const on = await laid(contextFor({ spot: true, ports: [8080], diskGiB: 80 }));
    await azure.driver.create(machineOf(azure), on);
    const [group] = azure.fake.world.groups.values();
    expect(group).toMatchObject({ name: 'skyflow-prod-eu-u1-00000', tags: { 'skyflow-owner': 'here' } });
    expect(group?.parts.get('networkSecurityGroups/skyflow')).toMatchObject({
      properties: {
        securityRules: ['22', '6443', '8080'].map((port) => ({ properties: { destinationPortRange: port } })),
      },
    });
    expect(azure.fake.world.machines[0]?.request).toMatchObject({
      zones: ['1'],
      tags: { 'skyflow-owner': 'here', 'skyflow-machine': 'prod-eu-u1-0', 'skyflow-op': 't0' },
      properties: {
        ...{ priority: 'Spot', evictionPolicy: 'Delete', hardwareProfile: { vmSize: 'Standard_D8s_v5' } },
        storageProfile: { osDisk: { deleteOption: 'Delete', diskSizeGB: 80 } },
        osProfile: { adminUsername: 'ubuntu', linuxConfiguration: { disablePasswordAuthentication: true } },
        networkProfile: {
          networkInterfaceConfigurations: [
            {
              properties: {
                deleteOption: 'Delete',
                ipConfigurations: [{ properties: { publicIPAddressConfiguration: expect.any(Object) } }],
              },
            },
          ],
        },
      },
    });
  });

  it.each([
    ['ZonalAllocationFailed', 'capacity'],
    ['OverconstrainedAllocationRequest', 'capacity'],
    ['OperationNotAllowed', 'quota'],
    ['SomethingNew', 'unknown'],
  ])('may begin and be refused after all: %s is %s, and what it left is ended', async (code, kind) => {
    const on = await laid();
    azure.fake.world.weather.refusals.push({ code, message: 'it would exceed the approved cores quota' });
    expect(await failureOf(azure.driver.create(machineOf(azure), on))).toMatchObject({
      class: kind,
      line: expect.stringContaining(code),
    });
    expect(azure.fake.world.seen()).toEqual([]);
  });

  it('waits for what takes its time', async () => {
    azure.fake.world.weather.operationMs = 300;
    const made = await azure.driver.create(machineOf(azure), await laid());
    expect(made.providerId).toBe('skyflow-prod-eu-u1-00000/prod-eu-u1-0');
  });

  it('lets a group of another installation stand', async () => {
    const on = await laid();
    await azure.driver.clearGroundwork('westeurope', { ...on, owner: 'elsewhere' });
    expect(azure.ground()).toBeGreaterThan(0);
  });

  it('says why a machine stands still', async () => {
    const on = await laid();
    const { providerId } = await azure.driver.create(machineOf(azure), on);
    const [machine] = azure.fake.world.machines;
    if (machine !== undefined) machine.deallocated = 'it was stopped in the portal';
    expect(await failureOf(azure.driver.find({ ...machineOf(azure), providerId }, on))).toMatchObject({
      message: expect.stringContaining('it was stopped in the portal'),
    });
  });

  it.each([
    ['the secret is wrong', () => (azure.fake.world.weather.isSignInRefused = true), /AADSTS7000215/],
    [
      'there are no credentials',
      () => Reflect.deleteProperty(process.env, 'AZURE_CLIENT_SECRET'),
      /no credentials of Azure are found/,
    ],
  ])('says so when %s', async (_how, spoil, message) => {
    spoil();
    const account = new AzureAccount({ subscription: 's', endpoint: azure.fake.url, answerMs: 2_000 });
    expect(await failureOf(new AzureDriver(account, AZURE_OPTIONS).offers(contextFor({})))).toMatchObject({
      ...{ class: 'auth', message: expect.stringMatching(message) },
      advice: expect.stringContaining('AZURE_CLIENT_SECRET'),
    });
  });

  it('tries again when nobody answers where one signs in, and says that in one line', async () => {
    azure.fake.world.weather.isSignInGone = true;
    const account = new AzureAccount({ subscription: 's', endpoint: azure.fake.url, answerMs: 2_000 });
    expect(await failureOf(new AzureDriver(account, AZURE_OPTIONS).offers(contextFor({})))).toMatchObject({
      class: 'network',
      message: expect.stringMatching(/^offers in \S+: nobody answers where one signs in to Azure$/),
      advice: expect.stringContaining('AZURE_AUTHORITY_HOST'),
      line: expect.stringMatching(/^[^\n]+endpoints_resolution_error: See \S+ for details$/),
    });
  }, 30_000);

  it('says so when no subscription is named, without asking anybody', async () => {
    const account = new AzureAccount({ subscription: '', endpoint: undefined, answerMs: 2_000 });
    expect(await failureOf(new AzureDriver(account, AZURE_OPTIONS).offers(contextFor({})))).toMatchObject({
      ...{ class: 'auth', advice: expect.stringContaining('AZURE_SUBSCRIPTION_ID') },
    });
  });
});

describe('names in Azure', () => {
  it('keep its rules and stay apart', () => {
    const long = 'a'.repeat(64);
    const names = [`${long}1`, `${long}2`, 'prod.eu', 'prod-eu'].map(azureName);
    for (const name of names) expect(name).toMatch(/^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$/i);
    expect(new Set(names).size).toBe(4);
  });
});
