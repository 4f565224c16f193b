/**
 * Clusters that stand still, are lost and come back, and are drained: what is seen of it, where replicas go, and that what comes back has
 * removed its stale copies before it is READY. Agents are found by /proc, so this runs on Linux.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { agentOf } from './fixture/agent-of.js';
import { eventually, Skyflow } from './fixture/skyflow.js';

const FIVE_SECONDS_MS = 5_000;
const LOST_WITHIN_MS = 11_000;

interface ClusterObject {
  metadata: { name: string };
  status: { phase: string; reason: string; conditions: { lastTransitionTime: string }[] };
}

const skyflow = new Skyflow();
const [first, second] = skyflow.clusters.contexts;

beforeAll(async () => {
  await skyflow.up();
}, 120_000);

afterAll(async () => {
  await skyflow.remove();
}, 60_000);

async function skyctl(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await skyflow.skyctl(args);
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
  return stdout;
}

async function clusters(): Promise<ClusterObject[]> {
  const { code, body } = await skyflow.api('/apis/skyflow.io/v1/clusters');
  expect(code).toBe(200);
  return (body as { items: ClusterObject[] }).items;
}

const phaseOf = async (name: string): Promise<string | undefined> =>
  (await clusters()).find(({ metadata }) => metadata.name === name)?.status.phase;

/** Replicas of a workload's native object, or undefined if there is none. */
async function nativeReplicas(cluster: string, name: string): Promise<number | undefined> {
  const args = ['get', 'deployment', name, '--ignore-not-found', '-o', 'jsonpath={.spec.replicas}'];
  const { code, stdout, stderr } = await skyflow.kubectl(cluster, args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout === '' ? undefined : Number(stdout);
}

async function readyReplicas(cluster: string, name: string): Promise<number> {
  const args = ['get', 'deployment', name, '--ignore-not-found', '-o', 'jsonpath={.status.readyReplicas}'];
  return Number((await skyflow.kubectl(cluster, args)).stdout);
}

/** Applies jobs that run for ever and waits until they do. */
async function applied(...jobs: { name: string; failover?: object; clusters?: string[] }[]): Promise<void> {
  for (const { name, failover, clusters: only } of jobs) {
    const container = { name: 'main', image: 'busybox', command: ['sleep', '3600'] };
    const resources = { requests: { cpu: '50m', memory: '16Mi' } };
    const manifest = {
      apiVersion: 'skyflow.io/v1',
      kind: 'Job',
      metadata: { name, namespace: 'default' },
      spec: {
        replicas: 2,
        template: { spec: { containers: [{ ...container, resources }] } },
        placement: { ...(failover && { failover }), ...(only && { clusters: only }) },
      },
    };
    const { code, body } = await skyflow.api('/apis/skyflow.io/v1/namespaces/default/jobs', {
      method: 'POST',
      body: JSON.stringify(manifest),
    });
    expect({ code, body }).toMatchObject({ code: 201 });
  }
  await eventually('they run', async () => {
    for (const { name } of jobs) expect(await skyctl('get', 'job', name)).not.toMatch(/PENDING|UNKNOWN/);
  });
}

describe('member clusters', () => {
  it('raise no alarm when any process stands still for five seconds', async () => {
    const before = (await clusters()).map(({ status }) => status.conditions[0]?.lastTransitionTime);
    const seen = new Set<string>();
    const done = new AbortController();
    const looking = (async () => {
      while (!done.signal.aborted) {
        const answer = await clusters().catch(() => []);
        for (const { metadata, status } of answer) seen.add(`${metadata.name} ${status.phase}`);
        await pause(200);
      }
    })();
    const pids = [...Object.values(skyflow.processes()), agentOf(skyflow, first)];
    const ours = pids.map((pid) => (signal: NodeJS.Signals) => process.kill(pid, signal));
    const given = skyflow.clusters;
    const theirs =
      given.signal === undefined
        ? []
        : (['etcd', 'kube-apiserver'] as const).map(
            (component) => (signal: NodeJS.Signals) => given.signal?.(second, component, signal),
          );
    for (const send of [...ours, ...theirs]) {
      send('SIGSTOP');
      await pause(FIVE_SECONDS_MS);
      send('SIGCONT');
      await pause(2_000);
    }
    done.abort();
    await looking;
    expect([...seen].sort()).toEqual([`${first} READY`, `${second} READY`].sort());
    expect((await clusters()).map(({ status }) => status.conditions[0]?.lastTransitionTime)).toEqual(before);
  }, 120_000);

  it('that are lost have their replicas started elsewhere, as each workload says, and stale copies are gone before READY', async () => {
    await applied(
      { name: 'soon', failover: { graceSeconds: 1 } },
      { name: 'never', failover: { mode: 'Never' } },
      { name: 'pinned', failover: { graceSeconds: 1 }, clusters: [first] },
    );
    const agent = agentOf(skyflow, first);
    process.kill(agent, 'SIGSTOP');
    await eventually('it is LOST', async () => expect(await phaseOf(first)).toBe('LOST'), LOST_WITHIN_MS);
    await eventually('what may move has moved', async () => {
      expect(await nativeReplicas(second, 'soon')).toBe(2);
      expect(await skyctl('get', 'job', 'soon')).toMatch(new RegExp(`${second} +2/2 .*RUNNING`));
    });
    expect(await skyctl('get', 'job', 'never')).toMatch(new RegExp(`${first} .*UNKNOWN`));
    expect(await nativeReplicas(second, 'never')).toBe(1);
    expect(await nativeReplicas(second, 'pinned')).toBeUndefined();
    // The cluster itself is well: its stale copy is still there.
    expect(await nativeReplicas(first, 'soon')).toBe(1);
    process.kill(agent, 'SIGCONT');
    await eventually('it is READY again', async () => expect(await phaseOf(first)).toBe('READY'));
    expect(await nativeReplicas(first, 'soon')).toBeUndefined();
    expect(await nativeReplicas(first, 'never')).toBe(1);
    expect(await nativeReplicas(first, 'pinned')).toBe(2);
    await eventually('all run', async () => expect(await skyctl('get', 'jobs')).not.toMatch(/PENDING|UNKNOWN|LOST/));
  }, 120_000);

  it('that are drained keep enough replicas ready all the time, and take new ones after uncordon', async () => {
    await applied({ name: 'steady' });
    const counts: number[] = [];
    const done = new AbortController();
    const counting = (async () => {
      while (!done.signal.aborted) {
        // The new one first: what moves between the two readings is not missed.
        const there = await readyReplicas(second, 'steady');
        counts.push(there + (await readyReplicas(first, 'steady')));
      }
    })();
    try {
      expect(await skyctl('cluster', 'drain', first, '--dry-run', '--grace', '20s')).toMatch(
        new RegExp(`job/steady +default +${first}: 1 +${second}: 1 +at once`),
      );
      const drained = await skyctl('cluster', 'drain', first, '--yes', '--force', '--grace', '20s');
      expect(drained).toContain(`cluster.skyflow.io/${first} drained`);
    } finally {
      done.abort();
      await counting;
    }
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(2);
    expect(await skyctl('get', 'clusters')).toContain('READY,SchedulingDisabled');
    expect(await nativeReplicas(first, 'steady')).toBeUndefined();
    expect(await skyctl('get', 'job', 'pinned')).toContain('PENDING');
    await skyctl('cluster', 'uncordon', first);
    await eventually('what may run only there does', async () => {
      expect(await skyctl('get', 'job', 'pinned')).toMatch(new RegExp(`${first} +2/2 .*RUNNING`));
    });
  }, 120_000);

  it('that are deleted give everything away first', async () => {
    const deleted = await skyctl('cluster', 'delete', first, '--yes', '--force', '--grace', '5s');
    expect(deleted).toContain(`cluster.skyflow.io/${first} deleted`);
    expect(await nativeReplicas(second, 'steady')).toBe(2);
    expect(await nativeReplicas(first, 'pinned')).toBeUndefined();
    expect(await skyctl('get', 'clusters')).not.toContain(first);
  }, 120_000);
});
