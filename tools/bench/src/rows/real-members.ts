/** B8, B23: from a job to its native object on two real members (tools/kube-testbed), beside a bare client in the same run. */
import { setTimeout as pause } from 'node:timers/promises';
import {
  connectionOf,
  KubeClient,
  loadKubeConfig,
  Reflector,
  resources,
  type KubeObject,
  type StoreChange,
} from '@skyflow/kube-client';
import { coresAtRest, metered, shown, sum } from '../cpu-meter.js';
import { Instance } from '../instance.js';
import { JOBS_PATH } from '../jobs.js';
import type { Suite } from '../row.js';
import { quantile } from '../statistics.js';
import { Testbed } from '../testbed-program.js';

const MEMBERS = ['one', 'two'] as const;
/** Together they take 1,100 pods. */
const NODES_EACH = 5;
const AT_ONCE = 1_000;
const ONE_BY_ONE = 200;
/** What the agent works on at a time; the bare client gets the same. */
const CONCURRENCY = 16;
const DEADLINE_MS = 300_000;
const BARE_NAMESPACE = 'bare';

export const realMembers: Suite = {
  budgets: [
    {
      id: 'B8a',
      name: '1,000 workloads at once → native objects on two real members, of the bare client’s rate',
      unit: '%',
      better: 'higher',
      floor: 60,
      aim: 90,
    },
    {
      id: 'B8b',
      name: 'CPU of the same, API servers’ included, until all is at rest: the bare client’s as a share of SkyFlow’s',
      unit: '%',
      better: 'higher',
      floor: 60,
      aim: 80,
    },
    {
      id: 'B23a',
      name: 'one job at idle → native object on a real member: p50',
      unit: 'ms',
      better: 'lower',
      floor: 40,
      aim: 20,
    },
    {
      id: 'B23b',
      name: 'one job at idle → native object on a real member: p99',
      unit: 'ms',
      better: 'lower',
      floor: 120,
      aim: 60,
    },
  ],
  async run(report, say) {
    say(`starting two real control planes with ${NODES_EACH} hollow nodes each`);
    const testbed = await Testbed.start(MEMBERS, NODES_EACH);
    const instance = await Instance.create();
    try {
      await instance.up(['--kubeconfig', testbed.kubeconfig]);
      const members = await Promise.all(MEMBERS.map((name) => Member.open(testbed.kubeconfig, name)));
      await warmUp(instance, members);

      say(`B23: ${ONE_BY_ONE} jobs, one after the other`);
      const bareMs = await eachBare(members, ONE_BY_ONE);
      const ownMs = await eachSubmitted(instance, members, ONE_BY_ONE);
      const note = 'suspended batch jobs, so that no pods are made; limit: create by a bare client';
      report('B23a', { value: quantile(ownMs, 0.5), limit: quantile(bareMs, 0.5), note });
      report('B23b', { value: quantile(ownMs, 0.99), limit: quantile(bareMs, 0.99), note });
      await removeAll(instance, members);

      const processes = [
        ...testbed.processes.map((pid) => ({ name: 'testbed', pid })),
        ...instance.processes(),
        { name: 'bare client', pid: process.pid },
      ];
      const rest = await coresAtRest(processes);
      say(`B8: ${AT_ONCE} jobs at once by the bare client`);
      const bare = await metered(processes, rest, () => manyBare(members));
      say(`B8: ${AT_ONCE} jobs at once by SkyFlow`);
      const own = await metered(processes, rest, () => manySubmitted(instance, members));
      report('B8a', {
        value: (100 * own.result.rate) / bare.result,
        limit: 100,
        note: `${own.result.rate.toFixed(0)}/s, the first after ${own.result.firstMs.toFixed(0)} ms, against ${bare.result.toFixed(0)}/s: server-side apply, ${CONCURRENCY} at a time per member; suspended batch jobs`,
      });
      // Each looks on at what the other makes; that is not what it costs to make it.
      const bareSeconds = sum(bare.seconds, ['testbed', 'bare client']);
      const ownSeconds = sum(own.seconds) - (own.seconds['bare client'] ?? 0);
      report('B8b', {
        value: (100 * bareSeconds) / ownSeconds,
        limit: 100,
        note: `bare: ${shown(bare.seconds)}; SkyFlow: ${shown(own.seconds)}`,
      });
      for (const member of members) member.close();
    } finally {
      await instance.remove();
      await testbed.stop();
    }
  },
};

const spec = (): object => ({
  suspend: true,
  template: {
    metadata: { labels: { app: 'bench' } },
    spec: {
      restartPolicy: 'Never',
      containers: [
        { name: 'main', image: 'example.com/bench:1', resources: { requests: { cpu: '1m', memory: '1Mi' } } },
      ],
    },
  },
});

const jobOf = (name: string): object => ({
  apiVersion: 'skyflow.io/v1',
  kind: 'Job',
  metadata: { name, labels: { app: 'bench' } },
  spec: { replicas: 1, ...spec() },
});

const nativeOf = (name: string): KubeObject => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name, namespace: BARE_NAMESPACE, labels: { app: 'bench' } },
  spec: { parallelism: 1, completions: 1, ...spec() },
});

/** One member: a client, and when each of SkyFlow's native jobs was seen. */
class Member {
  readonly seenAt = new Map<string, number>();
  private readonly stop = new AbortController();
  private constructor(readonly client: KubeClient) {}

  static async open(kubeconfig: string, name: string): Promise<Member> {
    const member = new Member(new KubeClient(await connectionOf((await loadKubeConfig(kubeconfig)).context(name))));
    await member.client.create(resources.namespaces, { metadata: { name: BARE_NAMESPACE } });
    // It watches on over whatever befalls an API server of a busy machine.
    const jobs = new Reflector({
      client: member.client,
      resource: resources.jobs,
      keep: ({ metadata: { name: job, namespace, uid, resourceVersion } }) =>
        ({ metadata: { name: job, namespace, uid, resourceVersion } }) as KubeObject,
      onChange: (change) => member.see(change),
    });
    void jobs.run(member.stop.signal);
    await jobs.whenSynced(member.stop.signal);
    return member;
  }

  private see({ type, object: { metadata } }: StoreChange<KubeObject>): void {
    if (type === 'added' && metadata.namespace !== BARE_NAMESPACE) this.seenAt.set(metadata.name, performance.now());
    if (type === 'deleted') this.seenAt.delete(metadata.name);
  }

  close(): void {
    this.stop.abort();
    this.client.close();
  }
}

async function submit(instance: Instance, body: object): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${instance.httpPort}${JOBS_PATH}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${instance.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (response.status !== 201 && response.status !== 200)
    throw new Error(`create answered ${response.status}: ${text.slice(0, 300)}`);
}

const list = (names: readonly string[]): object => ({
  apiVersion: 'skyflow.io/v1',
  kind: 'JobList',
  items: names.map(jobOf),
});

const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

async function warmUp(instance: Instance, members: readonly Member[]): Promise<void> {
  await submit(instance, list(names('warm', 20)));
  await until('the first jobs are there', () => total(members) === 20);
  await removeAll(instance, members);
}

async function removeAll(instance: Instance, members: readonly Member[]): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${instance.httpPort}${JOBS_PATH}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${instance.token}` },
  });
  await response.arrayBuffer();
  await until('all jobs are gone', () => total(members) === 0);
}

const total = (members: readonly Member[]): number => members.reduce((sum, { seenAt }) => sum + seenAt.size, 0);

async function eachSubmitted(instance: Instance, members: readonly Member[], count: number): Promise<number[]> {
  const samples: number[] = [];
  for (const name of names('each', count)) {
    const from = performance.now();
    await submit(instance, jobOf(name));
    const seenAt = (): number | undefined =>
      members.map((member) => member.seenAt.get(name)).find((at) => at !== undefined);
    await until(`${name} is there`, () => seenAt() !== undefined, 1);
    samples.push((seenAt() ?? 0) - from);
    await pause(20);
  }
  return samples;
}

async function eachBare(members: readonly Member[], count: number): Promise<number[]> {
  const samples: number[] = [];
  for (const [index, name] of names('each', count).entries()) {
    const { client } = members[index % members.length] as Member;
    const from = performance.now();
    await client.create(resources.jobs, nativeOf(name));
    samples.push(performance.now() - from);
    await pause(20);
  }
  return samples;
}

/** Per second, and how long until the first was there. */
async function manySubmitted(
  instance: Instance,
  members: readonly Member[],
): Promise<{ rate: number; firstMs: number }> {
  const from = performance.now();
  await submit(instance, list(names('many', AT_ONCE)));
  await until(
    'all of them are there',
    () => total(members) === AT_ONCE,
    2,
    () => `there are ${total(members)}`,
  );
  const at = members.flatMap(({ seenAt }) => [...seenAt.values()]);
  return { rate: (AT_ONCE * 1_000) / (Math.max(...at) - from), firstMs: Math.min(...at) - from };
}

/** Per second: half of them on each member, as many at a time as the agent has. */
async function manyBare(members: readonly Member[]): Promise<number> {
  const from = performance.now();
  await Promise.all(
    members.map(async ({ client }, nth) => {
      const mine = names('many', AT_ONCE).filter((_, index) => index % members.length === nth);
      await Promise.all(
        Array.from({ length: CONCURRENCY }, async () => {
          for (let name = mine.pop(); name !== undefined; name = mine.pop()) {
            await client.applyServerSide(resources.jobs, nativeOf(name), { fieldManager: 'bench', force: true });
          }
        }),
      );
    }),
  );
  return (AT_ONCE * 1_000) / (performance.now() - from);
}

async function until(what: string, holds: () => boolean, everyMs = 20, found = (): string => ''): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!holds()) {
    if (performance.now() > deadline) {
      throw new Error(`not within ${DEADLINE_MS / 1_000} s: ${[what, found()].filter(Boolean).join('; ')}`);
    }
    await pause(everyMs);
  }
}
