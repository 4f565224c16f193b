/**
 * Time and a real API server: an hour without the control plane (in a clock that makes it half a minute), in which the API server is away
 * for a while too, and a wall clock that jumps. The agent works on; what it writes is counted; afterwards both sides agree.
 * `npm run test:e2e -- --on testbed tests/agent`.
 */
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { resources, type KubeObject } from '@skyflow/kube-client';
import { startRealBed, type RealBed } from './real-bed.js';
import { heartbeats, job, until, type TestAgent } from '../../apps/cluster-agent/src/testing/test-bed.spec.js';

const withApiServer = await needing('kube-apiserver');
const LONG_MS = 90_000;
const HOUR_MS = 3_600_000;
const SETTLE_MS = 3_000;
/** Of the fast clock. */
const HOUR_TAKES_MS = 30_000;
/** What waits for the API server (an answer, a bookmark each minute) waits by its clock. */
const WAITS_FOR_API_MS = '30000,90000';

const clock = (name: string): Record<string, string> => {
  const path = join(resolve(import.meta.dirname, '../../apps/cluster-agent/src/testing'), name);
  return { NODE_OPTIONS: `--import=${pathToFileURL(path).href}`, FAST_CLOCK_KEEPS_MS: WAITS_FOR_API_MS };
};
const ALL_NODES = ['-l', 'kubernetes.io/os=linux'];
const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

interface Native extends KubeObject {
  spec?: { replicas?: number };
  status?: { readyReplicas?: number };
}

withApiServer.describe('an agent on a real cluster', () => {
  let bed: RealBed;
  let agent: TestAgent;

  beforeAll(async () => {
    bed = await startRealBed();
  }, 300_000);
  afterEach(async () => {
    await agent.kill('SIGTERM');
    await bed.kubectl(['uncordon', ...ALL_NODES]);
  }, LONG_MS);
  afterAll(() => bed.stop(), LONG_MS);

  const find = (name: string) => bed.client.find<Native>(resources.deployments, { namespace: 'team', name });
  const reportsOf = async (name: string) =>
    (await bed.observed()).filter((entry) => entry.type === 'WorkObserved' && entry.data.ref.name === name);
  const isTold = (name: string, phase: string) =>
    until(`${name} is told as ${phase}`, async () => (await bed.lastReport(name))?.phase === phase, LONG_MS);
  /** All of it runs, and nothing of it is on its way. */
  const isSteady = (name: string) =>
    until(
      `${name} is steady`,
      async () => {
        const last = await bed.lastReport(name);
        return last?.phase === 'RUNNING' && last.reason === undefined;
      },
      LONG_MS,
    );
  const putBack = (name: string, uid?: string) =>
    until(
      `${name} is put back`,
      async () => {
        const now = await find(name);
        return now?.spec?.replicas === 1 && now.status?.readyReplicas === 1 && now.metadata.uid !== uid;
      },
      LONG_MS,
    );
  const scaleAway = (name: string) => bed.kubectl(['scale', 'deploy', name, '-n', 'team', '--replicas=3']);
  /** How many entries it has told when nothing more has come for a while. */
  const whenSettled = async (): Promise<number> => {
    for (let told = -1; ;) {
      const now = (await bed.observed()).length;
      if (now === told) return now;
      told = now;
      await pause(SETTLE_MS);
    }
  };
  const controlPlaneComesBack = async (): Promise<void> => {
    await bed.nats.restart();
    await until(
      'the log can be read',
      () =>
        bed.observed().then(
          () => true,
          () => false,
        ),
      LONG_MS,
    );
  };
  /** By its own clock, when it last wrote a line. */
  const agentTime = (): number => {
    const [line = '{}'] = agent.output().trimEnd().split('\n').slice(-1);
    return Date.parse((JSON.parse(line) as { time: string }).time);
  };

  it('keeps the cluster as it was last wanted for an hour without the control plane, and then tells what has changed, once', async () => {
    const steady = names('steady', 8);
    const [drifted, deleted, failing] = [names('drifted', 4), names('deleted', 2), names('failing', 3)];
    const all = [...steady, ...drifted, ...deleted, ...failing];
    agent = await bed.agent({ environment: clock('fast-clock.mjs') });
    for (const name of all) await bed.work.assign(job(name), { replicas: 1 });
    for (const name of all) await isSteady(name);
    const before = await whenSettled();
    const writesBefore = await bed.deploymentWrites();
    const startedAt = agentTime();

    await bed.nats.kill9();
    for (const name of drifted) await scaleAway(name);
    const uids = await Promise.all(deleted.map(async (name) => (await find(name))?.metadata.uid));
    await bed.kubectl(['delete', 'deploy', '-n', 'team', ...deleted]);
    for (const name of drifted) await putBack(name);
    for (const [index, name] of deleted.entries()) await putBack(name, uids[index]);
    await bed.kubectl(['cordon', ...ALL_NODES]);
    for (const name of failing) {
      const { metadata } = (await find(name))!;
      await bed.kubectl([
        'delete',
        'pod',
        '-n',
        'team',
        '-l',
        `skyflow.io/workload-uid=${metadata.labels?.['skyflow.io/workload-uid'] ?? ''}`,
      ]);
    }
    await pause(HOUR_TAKES_MS / 2);
    const writesOfFirstHalf = (await bed.deploymentWrites()) - writesBefore;
    // What someone else deletes costs a write of theirs.
    expect(writesOfFirstHalf).toBe(drifted.length + deleted.length * 2);
    await bed.cluster.plane.kill('kube-apiserver');
    await bed.cluster.plane.restart('kube-apiserver');
    await pause(HOUR_TAKES_MS / 2);
    expect(await bed.deploymentWrites()).toBe(0);

    await controlPlaneComesBack();
    for (const name of failing) await isTold(name, 'PENDING');
    await until(
      'the cordon is told',
      async () => (await bed.nodes()).every(({ unschedulable }) => unschedulable === true),
      LONG_MS,
    );
    await whenSettled();
    expect(agentTime() - startedAt).toBeGreaterThan(HOUR_MS);
    const told = (await bed.observed()).slice(before);
    const ofWork = told.flatMap((entry) => (entry.type === 'WorkObserved' ? [entry.data.ref.name] : []));
    // Of those whose pods are others now the new names may be told, too.
    const replaced = new Set([...drifted, ...deleted]);
    expect(ofWork.filter((name) => !replaced.has(name)).sort()).toEqual([...failing].sort());
    expect(new Set(ofWork).size).toBe(ofWork.length);
    expect(told.filter(({ type }) => type === 'WorkRemoved')).toEqual([]);
    expect(await bed.deploymentWrites()).toBe(0);
    // Both sides agree.
    for (const name of all) {
      const [native, last] = [await find(name), await bed.lastReport(name)];
      expect([name, last?.ready, native?.spec?.replicas]).toEqual([name, native?.status?.readyReplicas ?? 0, 1]);
    }
    await bed.kubectl(['uncordon', ...ALL_NODES]);
    for (const name of failing) await isTold(name, 'RUNNING');
  }, 300_000);

  it('goes on as before when its wall clock jumps, hours forward while the control plane is away and hours back', async () => {
    agent = await bed.agent({ environment: clock('jumping-clock.mjs') });
    await bed.work.assign(job('jumped'), { replicas: 1 });
    await isSteady('jumped');
    const told = (await reportsOf('jumped')).length;
    const writesBefore = await bed.deploymentWrites();

    await bed.nats.kill9();
    agent.process.kill('SIGUSR2');
    await scaleAway('jumped');
    await putBack('jumped');
    await controlPlaneComesBack();
    await bed.work.assign(job('after-forward'), { replicas: 1 });
    await isTold('after-forward', 'RUNNING');
    agent.process.kill('SIGUSR2');
    await scaleAway('jumped');
    await putBack('jumped');
    await bed.work.assign(job('after-back'), { replicas: 1 });
    await isTold('after-back', 'RUNNING');

    const beats = heartbeats(bed.connection, bed.cluster.name);
    await until('its heart beats', () => beats.length >= 2, LONG_MS);
    for (const { reachable, at } of beats) {
      expect(reachable).toBe(true);
      expect(Date.now() - at).toBeGreaterThan(HOUR_MS);
    }
    // Two that were put back and two that are new; what ran on is told at most with the drift that was seen: twice gone, starting, back.
    expect((await bed.deploymentWrites()) - writesBefore).toBe(4);
    expect((await reportsOf('jumped')).length - told).toBeLessThanOrEqual(6);
    expect(await bed.wasRemoved('jumped')).toBe(false);
    expect(agent.output()).not.toMatch(/is not reachable|was silent/);
  }, 240_000);
});
