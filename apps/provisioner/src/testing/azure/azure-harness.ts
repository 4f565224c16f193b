/** Azure for the tests that all clouds share. */
import { AzureAccount } from '../../drivers/azure/azure-account.js';
import { AzureDriver } from '../../drivers/azure/azure-driver.js';
import { DEFAULT_AZURE_IMAGE, type AzureOptions } from '../../drivers/azure/azure-options.js';
import { ANSWER_MS, type CloudCall, type CloudHarness, LATE_MS, type Refusal } from '../cloud-harness.js';
import { FakeAzure } from './fake-azure.js';

export const AZURE_OPTIONS: AzureOptions = {
  ...{ regions: ['westeurope', 'eastus'], image: DEFAULT_AZURE_IMAGE },
  ...{ user: 'ubuntu', port: 22, dockerSocket: undefined, openTo: '0.0.0.0/0', prices: {} },
};

const CALLS: Record<CloudCall, string> = {
  offers: 'skus.list',
  groundwork: 'network.put',
  create: 'machines.put',
  list: 'machines.list',
  delete: 'machines.delete',
};

const REFUSALS: Record<Refusal, { status: number; code: string; retryAfter?: number }> = {
  capacity: { status: 409, code: 'SkuNotAvailable' },
  quota: { status: 409, code: 'QuotaExceeded' },
  auth: { status: 403, code: 'AuthorizationFailed' },
  config: { status: 400, code: 'InvalidParameter' },
  throttled: { status: 429, code: 'TooManyRequests', retryAfter: 0 },
};

export interface AzureHarness extends CloudHarness {
  fake: FakeAzure;
}

/** Sets what says where credentials and the authority are, for this process. */
export async function startAzure(): Promise<AzureHarness> {
  const fake = await new FakeAzure().start();
  Object.assign(process.env, fake.environment);
  const { world } = fake;
  const { weather } = world;
  const subscription = fake.environment['AZURE_SUBSCRIPTION_ID'] ?? '';
  return {
    fake,
    provider: 'azure',
    driver: new AzureDriver(new AzureAccount({ subscription, endpoint: fake.url, answerMs: ANSWER_MS }), AZURE_OPTIONS),
    region: 'westeurope',
    cloud: { provider: 'azure', region: 'westeurope', nodes: 3, cpus: 8, memoryGiB: 32 },
    offer: { region: 'westeurope', zone: 'westeurope-1', type: 'Standard_D8s_v5', hourly: 0.4 },
    setTimes: ({ visibleAfterMs, lingerMs }) => {
      if (lingerMs !== undefined) weather.lingerMs = lingerMs;
      if (visibleAfterMs === undefined) return;
      weather.visibleAfterMs = visibleAfterMs;
      for (const machine of world.machines) machine.visibleMs = machine.createdMs + visibleAfterMs;
    },
    refuse: (call, as, times = 1) => {
      weather.failures.push(...Array.from({ length: times }, () => ({ call: CALLS[call], ...REFUSALS[as] })));
    },
    lose: (call, times = 1) => weather.lost.push(...Array.from({ length: times }, () => CALLS[call])),
    late: (call) => void weather.late.push({ call: CALLS[call], ms: LATE_MS }),
    alive: () => world.alive.map(({ request }) => request.tags?.['skyflow-machine'] ?? ''),
    made: () => world.made,
    ground: () => [...world.groups.values()].reduce((sum, { parts }) => sum + 1 + parts.size, 0),
    stray: (name, owner) => {
      const group = 'skyflow-stray';
      world.groups.set(group, { name: group, location: 'westeurope', tags: {}, parts: new Map() });
      const marks = owner === undefined ? {} : { 'skyflow-owner': owner };
      world.put(group, name, {
        location: 'westeurope',
        tags: { ...marks, 'skyflow-machine': name, 'skyflow-cluster': 'u', 'skyflow-cluster-name': 'prod' },
      });
      return `${group}/${name}`;
    },
    vanish: (name) => {
      const at = world.machines.findIndex(({ request }) => request.tags?.['skyflow-machine'] === name);
      if (at >= 0) world.machines.splice(at, 1);
    },
    stop: () => fake.stop(),
  };
}
