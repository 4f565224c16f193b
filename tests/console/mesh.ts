/** The mesh: a service whose answers really come from pods of both clusters, and what the fleet shows of the way between them. */
import { get } from 'node:http';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { eventually } from '../e2e/fixture/skyflow.js';
import { type World, see } from './world.js';

const EXAMPLE = join(import.meta.dirname, '..', '..', 'examples', 'web.yaml');
const SERVICE = '/apis/skyflow.io/v1/namespaces/default/services/web';
// Pods answer only where they are real processes at addresses of this machine.
const onLinux = await needing('Linux');

/** What the pod behind the service says: its name. */
const ask = (host: string): Promise<string> =>
  new Promise((resolve, reject) => {
    get({ host, port: 8008, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(text.trim()));
    }).on('error', reject);
  });

export function testMesh(world: World): void {
  onLinux.it(
    'shows links between clusters that a service really uses: state, latency, bytes',
    async () => {
      const { page, skyflow, at, shot } = world;
      const [cloud, onprem] = ['mluo-cloud', 'mluo-onprem'];
      await skyflow.typed('apply', '-f', EXAMPLE);
      const flags = ['--type', 'LoadBalancer', '--selector', 'app', 'web', '--ports', '8008', '8080'];
      await skyflow.typed('create', 'service', 'web', ...flags, '--cluster', onprem);
      await eventually(
        'pods of both clusters answer',
        async () => {
          const { body } = await skyflow.api(SERVICE);
          const { status } = body as {
            status: { externalIPs?: string[]; endpoints: { pod: string; cluster: string }[] };
          };
          const [host = ''] = status.externalIPs ?? [];
          const clusterOf = new Map(status.endpoints.map(({ pod, cluster }) => [pod, cluster]));
          const answered = new Set<string | undefined>();
          for (let index = 0; index < 12; index++) answered.add(clusterOf.get(await ask(host)));
          expect(answered).toEqual(new Set([cloud, onprem]));
        },
        60_000,
      );
      await page.goto(at('/'));
      const link = page
        .getByRole('region', { name: 'Links between clusters' })
        .getByRole('row')
        .filter({ has: page.getByRole('rowheader', { name: onprem }) });
      await link.getByRole('cell', { name: 'UP', exact: true }).waitFor();
      await link.getByRole('cell', { name: /^\d+(\.\d)? ms$/ }).waitFor();
      // Sent and received, both of them more than nothing.
      await eventually('bytes went over it', async () =>
        expect(await link.getByRole('cell', { name: /^[1-9][\d.]*([KMG]i)?B$/ }).count()).toBe(2),
      );
      await shot('fleet, mesh links');
      await page.getByRole('link', { name: 'Mesh' }).click();
      await see(page, 'default/web');
      await page
        .getByRole('region', { name: 'Clusters behind web' })
        .getByRole('row')
        .filter({ hasText: cloud })
        .getByText('UP')
        .waitFor();
      await shot('mesh, a service');
      await skyflow.typed('delete', 'service', 'web');
      await skyflow.typed('delete', 'deployment', 'web');
    },
    120_000,
  );
}
