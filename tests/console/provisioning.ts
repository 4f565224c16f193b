/** Clusters that SkyFlow builds. */
import { expect, it } from '@jest/globals';
import { FakeEc2 } from '../../apps/provisioner/src/testing/ec2/fake-ec2.js';
import { FakeRke } from '../../apps/provisioner/src/testing/fake-rke.js';
import { type World, see } from './world.js';

const CLUSTERS = '/apis/skyflow.io/v1/clusters';

/** A stand-in for EC2, that of the provisioner's own tests: the unmodified SDK talks to it. Its machines let nobody in. */
export const cloud = new FakeEc2();
export const rke = new FakeRke();
export const cloudSettings = (): Record<string, string> => ({
  ...cloud.environment,
  SKYFLOW_RKE: rke.path,
  SKYFLOW_AWS_SSH_PORT: '9',
  SKYFLOW_PROVISION_FIRST_PAUSE_MS: '200',
  SKYFLOW_PROVISION_VISIBLE_MS: '1500',
});

export function testProvisioning(world: World): void {
  it('shows how far a cluster is, what went wrong and what a person can do, and the build log live', async () => {
    const { page, skyflow, shot } = world;
    await page.getByRole('link', { name: 'Provisioning' }).click();
    await see(page, 'SkyFlow has built no cluster yet');
    // There is no such key: the provisioner finds that out.
    const hosts = [{ address: '127.0.0.1', port: 9, user: 'nobody', keyPath: '/nowhere/key' }];
    const cluster = {
      apiVersion: 'skyflow.io/v1',
      kind: 'Cluster',
      metadata: { name: 'to-be-built' },
      spec: { manager: 'k8', provision: { hosts } },
    };
    expect(await skyflow.api(CLUSTERS, { method: 'POST', body: JSON.stringify(cluster) })).toMatchObject({ code: 201 });
    await page.getByRole('progressbar').waitFor();
    await see(page, /Create: /);
    await page.getByText('Build log and offers').click();
    await page.getByLabel('Build log of to-be-built').getByText('# skyflow: failed: ').waitFor();
    await page.getByRole('region', { name: 'Provisioning of to-be-built' }).getByText('FAILED').first().waitFor();
    await shot('provisioning');
    expect(await skyflow.api(`${CLUSTERS}/to-be-built`, { method: 'DELETE' })).toMatchObject({ code: 200 });
    await see(page, 'SkyFlow has built no cluster yet');
  }, 90_000);
}

/** The last of all: it leaves a cluster that is being built, which takes its time to go. */
export function testOffers(world: World): void {
  it('shows what a cloud offered, what each would cost, which was taken and which was full', async () => {
    const { page, skyflow, shot } = world;
    // The cheapest, where it is cheapest.
    cloud.world.weather.full.add('eu-west-1a');
    const sizes = ['--num-nodes', '1', '--cpus', '8', '--memory', '32'];
    const where = ['--provision', '--cloud', 'aws', '--region', 'eu-west-1'];
    await skyflow.typed('create', 'cluster', 'rented', ...where, ...sizes);
    await page.getByRole('link', { name: 'Provisioning' }).click();
    const card = page.getByRole('region', { name: 'Provisioning of rented' });
    await card.getByText('Build log and offers').click();
    const offers = page.getByRole('region', { name: 'Offers for rented' });
    const row = (text: RegExp) => offers.getByRole('row').filter({ hasText: text });
    // The first that was chosen had no room; another is, that is in another zone.
    await row(/eu-west-1[bc] .*chosen$/)
      .first()
      .waitFor();
    await row(/eu-west-1a m6a\.2xlarge, 8 cpus, 32 GiB.*(had no room|given up)/).waitFor();
    expect(await offers.getByRole('cell', { name: /^\d+\.\d{4} \$\/h$/ }).count()).toBeGreaterThan(2);
    await shot('provisioning, offers');
  }, 120_000);
}
