/**
 * What becomes of jobs when the control planes of member clusters fail: API servers and etcds are killed, and stopped, while
 * jobs come and go. Runs where the suite may do that (`--on testbed`).
 */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { eventually, Skyflow } from './fixture/skyflow.js';

const JOBS = 20;
const SUBMIT_PAUSE_MS = 250;
const KILL_PAUSE_MS = 1_500;
const SETTLE_MS = 90_000;

const skyflow = new Skyflow();
const { contexts } = skyflow.clusters;
const onTestbed = await needing('control planes to break');

onTestbed.describe('member clusters that fail', () => {
  const [first, second] = contexts;
  const send = (context: string, component: 'etcd' | 'kube-apiserver', signal: NodeJS.Signals): void =>
    skyflow.clusters.signal?.(context, component, signal);

  beforeAll(async () => {
    await skyflow.up();
  }, 120_000);

  afterAll(async () => {
    await skyflow.remove();
  }, 60_000);

  const skyctl = skyflow.typed;

  /** `name: replicas` of all native Deployments of both clusters, one entry per job. */
  async function natives(): Promise<string[]> {
    const replicas = new Map<string, number>();
    for (const context of contexts) {
      const { code, stdout, stderr } = await skyflow.kubectl(context, ['get', 'deployments', '-o', 'json']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const { items } = JSON.parse(stdout) as { items: { metadata: { name: string }; spec: { replicas: number } }[] };
      for (const { metadata, spec } of items) {
        replicas.set(metadata.name, (replicas.get(metadata.name) ?? 0) + spec.replicas);
      }
    }
    return [...replicas].map(([name, count]) => `${name}: ${count}`).sort();
  }

  it('lose nothing and run nothing twice when API servers and etcds are killed during submissions', async () => {
    const done = new AbortController();
    const killing = (async () => {
      const victims = ['kube-apiserver', 'etcd'] as const;
      for (let kills = 0; !done.signal.aborted; kills += 1) {
        send(contexts[kills % 2]!, victims[Math.floor(kills / 2) % 2]!, 'SIGKILL');
        await pause(KILL_PAUSE_MS);
      }
    })();
    const names = Array.from({ length: JOBS }, (_, index) => `faulty-${String(index).padStart(2, '0')}`);
    for (const name of names) {
      await skyctl('create', 'job', name, '--replicas', '2', '--run', 'sleep 600', '--cpus', '0.05');
      await pause(SUBMIT_PAUSE_MS);
    }
    done.abort();
    await killing;
    await eventually('both are READY again', async () => {
      expect((await skyctl('get', 'clusters')).match(/ READY/g)).toHaveLength(2);
    });
    await eventually(
      'every job runs once, with its two replicas',
      async () => {
        const table = await skyctl('get', 'jobs');
        expect(table).not.toMatch(/PENDING|FAILED|UNKNOWN|LOST/);
        expect(await natives()).toEqual(names.map((name) => `${name}: 2`));
      },
      SETTLE_MS,
    );
  }, 240_000);

  it('are not READY while their etcd stands still, and do afterwards what was asked meanwhile', async () => {
    send(second, 'etcd', 'SIGSTOP');
    await eventually('its status says so', async () => {
      expect(await skyctl('get', 'clusters')).toMatch(new RegExp(`${second} .*(UNREACHABLE|UNKNOWN|LOST)`));
    });
    expect(await skyctl('get', 'clusters')).toMatch(new RegExp(`${first} .*READY`));
    await skyctl('delete', 'job', 'faulty-00', '--wait=false');
    await eventually('the other cluster does it at once', async () => {
      const { stdout } = await skyflow.kubectl(first, ['get', 'deployment', 'faulty-00', '--ignore-not-found']);
      expect(stdout).toBe('');
    });
    expect(await skyctl('get', 'jobs')).toContain('faulty-00');
    send(second, 'etcd', 'SIGCONT');
    await eventually(
      'it is READY, and the deleted job is gone',
      async () => {
        expect(await skyctl('get', 'clusters')).toMatch(new RegExp(`${second} .*READY`));
        expect(await skyctl('get', 'jobs')).not.toContain('faulty-00');
        expect((await natives()).filter((line) => line.startsWith('faulty-00'))).toEqual([]);
      },
      SETTLE_MS,
    );
  }, 180_000);
});
