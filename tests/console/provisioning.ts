/** Clusters that SkyFlow builds. */
import { expect, it } from '@jest/globals';
import { type World, see } from './world.js';

const CLUSTERS = '/apis/skyflow.io/v1/clusters';

export function testProvisioning(world: World): void {
  it('shows how far a cluster is, what went wrong and what a person can do, and the build log live', async () => {
    const { page, skyflow, shot } = world;
    await page.getByRole('link', { name: 'Provisioning' }).click();
    await see(page, 'SkyFlow has built no cluster yet');
    // There is no such key, and on most machines no rke either: the provisioner finds that out.
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
