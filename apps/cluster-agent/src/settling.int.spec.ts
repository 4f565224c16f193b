/** An agent that was started anew: what the log says of services from before counts again once it is confirmed or corrected. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Entry } from '@skyflow/contracts';
import { resources } from '@skyflow/kube-client';
import {
  startOneCluster,
  until,
  webService,
  type TestAgent,
  type TestBed,
  type TestCluster,
  type WorkWriter,
} from './testing/test-bed.spec.js';

const WEB = webService('ClusterIP');
const LONG_MS = 60_000;

let bed: TestBed;
let cluster: TestCluster;
let work: WorkWriter;
let agent: TestAgent;

beforeAll(async () => {
  ({ bed, cluster, work } = await startOneCluster());
}, 180_000);
afterAll(async () => {
  // A gateway would outlive an agent that is killed.
  await agent.kill('SIGTERM');
  await bed.stop();
}, 60_000);

const isSettling = ({ type, data }: Entry): boolean | undefined =>
  type === 'GatewayObserved' ? data.settling === true : undefined;

/** Whether something is yet to be confirmed, by the last word on that. */
const settlingAfter = (entries: readonly Entry[]): boolean | undefined =>
  entries.map(isSettling).findLast((each) => each !== undefined);

describe('an agent that is started anew', () => {
  const allIsTold = (since: number): Promise<Entry[]> =>
    until(
      'it has told all',
      async () => {
        const entries = await bed.observed('onprem');
        const isNew = entries.slice(since).some(({ type }) => type === 'ServiceObserved');
        return isNew && settlingAfter(entries) === false ? entries : undefined;
      },
      LONG_MS,
    );

  it('has nothing to confirm of what the log and it hear of at the same time', async () => {
    agent = bed.agent('onprem');
    await work.append('ServiceAssigned', { epoch: 1, object: WEB, primary: true });
    expect((await allIsTold(0)).map(isSettling)).not.toContain(true);
  }, 180_000);

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'says after %s that it has yet to look before it says what there is now, and then that this is all',
    async (signal) => {
      await agent.kill(signal);
      const before = await bed.observed('onprem');
      // Whoever stops in order leaves nothing that somebody could take for what is so.
      if (signal === 'SIGTERM') expect(settlingAfter(before)).toBe(true);
      await cluster.client.delete(resources.services, { namespace: 'default', name: 'web' });
      agent = bed.agent('onprem');
      const entries = await allIsTold(before.length);
      // The Service was made again, at another address.
      const at = entries.findLastIndex(({ type }) => type === 'ServiceObserved');
      expect(settlingAfter(entries.slice(0, at))).toBe(true);
    },
    180_000,
  );
});
