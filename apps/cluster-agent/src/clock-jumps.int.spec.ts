/** A wall clock that is set while the agent runs, hours forward and hours back: its work goes on, nothing is lost and nothing is told twice. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { resources, type KubeObject } from '@skyflow/kube-client';
import {
  heartbeats,
  job,
  startOneCluster,
  until,
  type TestAgent,
  type TestBed,
  type TestCluster,
  type WorkWriter,
} from './testing/test-bed.spec.js';

let bed: TestBed;
let cluster: TestCluster;
let work: WorkWriter;
let agent: TestAgent;

beforeAll(async () => {
  ({ bed, cluster, work } = await startOneCluster());
  agent = bed.agent('onprem', {
    NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, 'testing/jumping-clock.mjs')).href}`,
  });
}, 180_000);
afterAll(() => bed.stop());

const key = (name: string) => ({ namespace: 'team', name });
const replicasOf = async (name: string) =>
  (
    (await cluster.client.find<KubeObject>(resources.deployments, key(name)))?.['spec'] as
      { replicas?: number } | undefined
  )?.replicas;
const reportsOf = async (name: string) =>
  (await bed.observed('onprem')).filter((entry) => entry.type === 'WorkObserved' && entry.data.ref.name === name);
const runs = (name: string) =>
  until(`${name} runs`, async () => {
    const last = (await reportsOf(name)).at(-1);
    return last?.type === 'WorkObserved' && last.data.phase === 'RUNNING';
  });

describe('a clock that jumps', () => {
  it.each([
    ['forward', 'after-it-went-forward'],
    ['back', 'after-it-went-back'],
  ])(
    '%s changes nothing of the work',
    async (_direction, name) => {
      await work.assign(job(`steady-${name}`), { replicas: 1 });
      await runs(`steady-${name}`);
      const told = (await reportsOf(`steady-${name}`)).length;
      const outputBefore = agent.output().length;
      agent.process.kill('SIGUSR2');
      // What comes after it is done, drift is put back, and the cluster is still seen.
      await work.assign(job(name), { replicas: 1 });
      await runs(name);
      await cluster.client.patch(resources.deployments, key(`steady-${name}`), { spec: { replicas: 3 } });
      await until('drift is put back', async () => (await replicasOf(`steady-${name}`)) === 1);
      const beats = heartbeats(bed.connection, 'onprem');
      await until('its heart beats', () => beats.length >= 2);
      for (const { reachable, at } of beats) {
        expect(reachable).toBe(true);
        expect(Math.abs(at - Date.now())).toBeGreaterThan(3_600_000);
      }
      const seen = (await bed.observed('onprem')).filter(({ type }) => type === 'ClusterObserved');
      expect(seen.every((entry) => entry.type === 'ClusterObserved' && entry.data.reachable)).toBe(true);
      // What ran on is not told again, but for the drift that it may have seen.
      expect((await reportsOf(`steady-${name}`)).length - told).toBeLessThanOrEqual(4);
      expect(agent.output().slice(outputBefore)).not.toMatch(/is not reachable|was silent|could not be reported/);
    },
    60_000,
  );
});
