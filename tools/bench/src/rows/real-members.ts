/** B8, B23: from a job to its native object on two real members (tools/kube-testbed), beside a bare client in the same run. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { connectionOf, KubeClient, loadKubeConfig, resources, type KubeObject } from '@skyflow/kube-client';
import { root } from '../control-plane.js';
import { Instance } from '../instance.js';
import { JOBS_PATH } from '../jobs.js';
import type { Suite } from '../row.js';
import { quantile } from '../statistics.js';

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
      id: 'B8',
      name: '1,000 workloads at once → native objects on two real members, of the bare client’s rate',
      unit: '%',
      better: 'higher',
      floor: 60,
      aim: 90,
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
    const testbed = await Testbed.start(say);
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

      say(`B8: ${AT_ONCE} jobs at once`);
      const bareRate = await manyBare(members);
      const ownRate = await manySubmitted(instance, members);
      report('B8', {
        value: (100 * ownRate) / bareRate,
        limit: 100,
        note: `${ownRate.toFixed(0)}/s against ${bareRate.toFixed(0)}/s: server-side apply, ${CONCURRENCY} at a time per member; suspended batch jobs`,
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
    const { metadata } = await member.client.list(resources.jobs);
    const events = await member.client.watch<KubeObject>(resources.jobs, {
      ...(metadata.resourceVersion === undefined ? {} : { resourceVersion: metadata.resourceVersion }),
      signal: member.stop.signal,
    });
    void member.follow(events).catch(() => undefined);
    return member;
  }

  private async follow(events: AsyncIterable<{ type: string; object: KubeObject }>): Promise<void> {
    for await (const { type, object } of events) {
      if (type === 'ADDED' && object.metadata.namespace !== BARE_NAMESPACE) {
        this.seenAt.set(object.metadata.name, performance.now());
      }
      if (type === 'DELETED') this.seenAt.delete(object.metadata.name);
    }
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

/** Per second. */
async function manySubmitted(instance: Instance, members: readonly Member[]): Promise<number> {
  const from = performance.now();
  await submit(instance, list(names('many', AT_ONCE)));
  await until('all of them are there', () => total(members) === AT_ONCE, 2);
  const last = Math.max(...members.flatMap(({ seenAt }) => [...seenAt.values()]));
  return (AT_ONCE * 1_000) / (last - from);
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

async function until(what: string, holds: () => boolean, everyMs = 20): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`not within ${DEADLINE_MS / 1_000} s: ${what}`);
    await pause(everyMs);
  }
}

/** Two real control planes as a program of their own. */
class Testbed {
  private constructor(
    private readonly program: ChildProcess,
    private readonly directory: string,
  ) {}

  get kubeconfig(): string {
    return join(this.directory, 'kubeconfig');
  }

  static async start(say: (text: string) => void): Promise<Testbed> {
    say(`starting two real control planes with ${NODES_EACH} hollow nodes each`);
    const directory = mkdtempSync(join(tmpdir(), 'skyflow-bench-testbed-'));
    const args = ['up', '--directory', directory, '--clusters', MEMBERS.join(','), '--nodes', String(NODES_EACH)];
    const program = spawn(process.execPath, [join(root, 'tools/kube-testbed/dist/main.js'), ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let words = '';
    program.stderr.on('data', (chunk: Buffer) => (words += chunk.toString()));
    for await (const line of createInterface({ input: program.stdout })) {
      if (line.includes('"ready":true')) return new Testbed(program, directory);
    }
    throw new Error(`the testbed has ended: ${words}`);
  }

  async stop(): Promise<void> {
    if (this.program.exitCode === null) {
      const gone = new Promise((resolve) => this.program.once('exit', resolve));
      this.program.kill('SIGTERM');
      await gone;
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}
