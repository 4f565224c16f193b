/** A machine that is rented (of the Azure that is a stand-in) is waited for until sshd lets one in, and what it waits for is told. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import type { ProvisionedCluster, ProvisionMachine } from '@skyflow/domain';
import { AzureAccount } from '../drivers/azure/azure-account.js';
import { AzureDriver } from '../drivers/azure/azure-driver.js';
import { AZURE_OPTIONS } from '../testing/azure/azure-harness.js';
import { FakeAzure } from '../testing/azure/fake-azure.js';
import { contextOf } from '../testing/cloud-harness.js';
import { SshHost } from '../testing/ssh-host.js';
import { prepareRented } from './prepare-rented.js';
import { newSshKeyPair } from './ssh-key-pair.js';

const withHost = await needing('sshd');
const before = { ...process.env };

withHost.describe('a rented machine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skyflow-rented-'));
  const pair = newSshKeyPair('skyflow-prod');
  const keyFile = join(folder, 'key');
  const host = new SshHost();
  let publicKey = '';
  const azure = new FakeAzure(['127.0.0.1'], (key) => (publicKey = key));
  let machine: ProvisionMachine;

  beforeAll(async () => {
    writeFileSync(keyFile, pair.private, { mode: 0o600 });
    await Promise.all([host.start(), azure.start()]);
    Object.assign(process.env, azure.environment);
  });
  afterAll(async () => {
    await Promise.all([host.stop(), azure.stop()]);
    rmSync(folder, { recursive: true, force: true });
    process.env = before;
  });

  const spec = { cloud: { provider: 'azure', region: 'westeurope', nodes: 1, cpus: 8, memoryGiB: 32 } } as const;
  const context = { ...contextOf(spec.cloud), publicKey: () => pair.public };
  const prepare = (bootMs: number) => {
    const { user, port, dockerSocket } = host;
    const account = new AzureAccount({ subscription: 's', endpoint: azure.url, answerMs: 5_000 });
    const driver = new AzureDriver(account, { ...AZURE_OPTIONS, user, port, dockerSocket });
    const plan = { machines: [machine], podCidr: '10.42.0.0/16', serviceCidr: '10.43.0.0/16' };
    const cluster = { ref: context.cluster, spec, plan, machines: new Map([[machine.name, machine]]) };
    return {
      driver,
      begin: () =>
        prepareRented({
          ...{ driver, machine, context, keyFile, bootMs, lookMs: 10, needsDocker: true },
          cluster: cluster as unknown as ProvisionedCluster,
        }),
    };
  };

  it('is waited for until it lets one in; what is in the way is told once, and is the reason when that lasts too long', async () => {
    const offer = { region: 'westeurope', zone: 'westeurope-1', type: 'Standard_D8s_v5', hourly: 0.4 };
    const asked = { name: 'prod-0', driver: 'azure', roles: [], token: 't', phase: 'Created' } as const;
    machine = { ...asked, roles: [], offer, sinceMs: Date.now(), intendedMs: Date.now(), failures: {} };
    const { driver } = prepare(60_000);
    const groundwork = await driver.layGroundwork('westeurope', context);
    const { providerId } = await driver.create(machine, { ...context, groundwork });
    machine = { ...machine, providerId };

    const told = await prepare(60_000).begin();
    expect(told).toMatchObject({
      ...{ type: 'Created', providerId },
      awaits: expect.stringMatching(/^it is not ready yet: \S+@127\.0\.0\.1:\d+ does not let us in with /),
    });
    const awaits = 'awaits' in told ? (told.awaits ?? '') : '';
    machine = { ...machine, failure: { class: 'host', message: awaits, advice: '' } };
    await expect(prepare(1).begin()).rejects.toThrow(/^it was not ready within 0 s: \S+ does not let us in with /);

    const waiting = prepare(60_000).begin();
    host.authorize(publicKey);
    expect(await waiting).toMatchObject({ type: 'Prepared', address: '127.0.0.1', facts: { docker: '24.0.9' } });
  }, 60_000);
});
