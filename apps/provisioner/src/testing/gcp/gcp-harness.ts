/** Google Cloud for the tests that all clouds share. */
import { GcpClient } from '../../drivers/gcp/gcp-client.js';
import { GcpDriver } from '../../drivers/gcp/gcp-driver.js';
import { gcpName, labelOf } from '../../drivers/gcp/gcp-names.js';
import { DEFAULT_GCP_IMAGE, type GcpOptions } from '../../drivers/gcp/gcp-options.js';
import { ANSWER_MS, type CloudCall, type CloudHarness, LATE_MS, type Refusal } from '../cloud-harness.js';
import { FakeGcp } from './fake-gcp.js';
import type { GcpInstance } from './gcp-world.js';

export const GCP_OPTIONS: GcpOptions = {
  ...{ regions: ['europe-west1', 'us-central1'], image: DEFAULT_GCP_IMAGE, network: 'default' },
  ...{ user: 'ubuntu', port: 22, dockerSocket: undefined, openTo: '0.0.0.0/0', prices: {} },
};

const METHODS: Record<CloudCall, string> = {
  offers: 'machineTypes.list',
  groundwork: 'firewalls.insert',
  create: 'instances.insert',
  list: 'instances.aggregatedList',
  delete: 'instances.delete',
};

const REFUSALS: Record<Exclude<Refusal, 'capacity'>, { status: number; reason: string }> = {
  quota: { status: 403, reason: 'quotaExceeded' },
  auth: { status: 403, reason: 'forbidden' },
  config: { status: 400, reason: 'invalid' },
  throttled: { status: 403, reason: 'rateLimitExceeded' },
};

export interface GcpHarness extends CloudHarness {
  fake: FakeGcp;
}

/** Sets what says where credentials are, for this process. */
export async function startGcp(): Promise<GcpHarness> {
  const fake = await new FakeGcp().start();
  Object.assign(process.env, fake.environment);
  const { world } = fake;
  const { weather } = world;
  const client = new GcpClient({ project: undefined, endpoint: fake.url, answerMs: ANSWER_MS });
  return {
    fake,
    provider: 'gcp',
    driver: new GcpDriver(client, GCP_OPTIONS),
    region: 'europe-west1',
    cloud: { provider: 'gcp', region: 'europe-west1', nodes: 3, cpus: 8, memoryGiB: 30 },
    offer: { region: 'europe-west1', zone: 'europe-west1-b', type: 'n2-standard-8', hourly: 0.4 },
    setTimes: ({ visibleAfterMs, lingerMs }) => {
      if (lingerMs !== undefined) weather.lingerMs = lingerMs;
      if (visibleAfterMs === undefined) return;
      weather.visibleAfterMs = visibleAfterMs;
      for (const instance of world.instances) instance.visibleMs = instance.createdMs + visibleAfterMs;
    },
    refuse: (call, as, times = 1) => {
      for (let index = 0; index < times; index++) {
        // A lack of room shows when the operation has begun.
        if (as === 'capacity') weather.refusals.push({ code: 'ZONE_RESOURCE_POOL_EXHAUSTED', message: 'no room' });
        else weather.failures.push({ method: METHODS[call], ...REFUSALS[as] });
      }
    },
    lose: (call, times = 1) => weather.lost.push(...Array.from({ length: times }, () => METHODS[call])),
    late: (call) => void weather.late.push({ method: METHODS[call], ms: LATE_MS }),
    alive: () => world.alive.map(markOf),
    made: () => world.instances.length,
    ground: () => world.firewalls.size,
    stray: (name, owner) => {
      const zone = 'europe-west1-b';
      world.insert(zone, null, {
        name: gcpName(name),
        machineType: `zones/${zone}/machineTypes/n2-standard-8`,
        networkInterfaces: [{ subnetwork: 'regions/europe-west1/subnetworks/default' }],
        labels: owner === undefined ? {} : { 'skyflow-owner': labelOf(owner) },
        metadata: {
          items: [
            { key: 'skyflow-machine', value: name },
            { key: 'skyflow-cluster', value: 'u' },
            { key: 'skyflow-cluster-name', value: 'prod' },
          ],
        },
      });
      return `${zone}/${gcpName(name)}`;
    },
    vanish: (name) => {
      const at = world.instances.findIndex((instance) => markOf(instance) === name);
      if (at >= 0) world.instances.splice(at, 1);
    },
    stop: () => fake.stop(),
  };
}

const markOf = ({ request }: GcpInstance): string =>
  request.metadata?.items?.find(({ key }) => key === 'skyflow-machine')?.value ?? '';
