/** skyctl with a stand-in gateway that holds a job on two clusters and a cluster, for the tests of one file. */
import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { BUNDLED_WITHIN_MS, Skyctl } from './run-skyctl.js';
import type { Outcome } from './run-skyctl.js';
import { TOKEN, startStandIn } from './stand-in-gateway.js';
import type { StandIn } from './stand-in-gateway.js';

export interface Bed {
  readonly gateway: StandIn;
  readonly skyctl: Skyctl;
  readonly run: (...args: string[]) => Promise<Outcome>;
}

/** Call it at the top of a spec file. */
export function useBed(): Bed {
  let gateway: StandIn | undefined;
  let skyctl: Skyctl | undefined;
  const bed: Bed = {
    get gateway() {
      return there(gateway);
    },
    get skyctl() {
      return there(skyctl);
    },
    run: async (...args) => await bed.skyctl.run(args),
  };
  beforeAll(async () => {
    gateway = await startStandIn();
    skyctl = await Skyctl.build({ SKYFLOW_SERVER: gateway.url, SKYFLOW_TOKEN: TOKEN });
    await fill(gateway);
  }, BUNDLED_WITHIN_MS);
  afterAll(async () => {
    await gateway?.close();
    await skyctl?.remove();
  });
  beforeEach(() => {
    bed.gateway.requests.length = 0;
    bed.gateway.intercept = () => false;
  });
  return bed;
}

/** A share as a cluster that runs one replica reports it. */
export const share = (cluster: string, more: object = {}): object => ({
  cluster,
  phase: 'RUNNING',
  replicas: 1,
  ready: 1,
  running: 1,
  succeeded: 0,
  failed: 0,
  ...more,
});

export const jobSpec = (replicas: number): object => ({
  replicas,
  template: { spec: { containers: [{ name: 'a', image: 'x', resources: { requests: { cpu: '1' } } }] } },
});

export const linesOf = (text: string): string[] => text.trimEnd().split('\n');

/** Polls until it is so. */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  for (const deadlineMs = Date.now() + 10_000; !holds();) {
    if (Date.now() > deadlineMs) throw new Error(`${what} did not happen within 10 s`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function fill(gateway: StandIn): Promise<void> {
  await gateway.put({
    kind: 'Job',
    metadata: { name: 'hello', labels: { app: 'nginx' } },
    spec: jobSpec(2),
    status: { phase: 'RUNNING', placed: 2, clusters: [share('mluo-cloud'), share('mluo-onprem')] },
  });
  const allocatable = { cpu: 2_000, memory: 7954.6796875 * 2 ** 20 };
  await gateway.put({
    kind: 'Cluster',
    metadata: { name: 'mluo-cloud' },
    spec: { manager: 'k8', context: 'mluo-cloud' },
    status: { phase: 'READY', allocatable, free: { cpu: 1_930, memory: 6035.6796875 * 2 ** 20 }, nodes: [] },
  });
}

function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the bed is there only while tests run');
  return value;
}
