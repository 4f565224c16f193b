/**
 * What was acknowledged is never lost, and nothing runs twice: every part is killed with SIGKILL, again and again, while jobs
 * are submitted; a ledger of acknowledged writes is compared with the API and with the clusters. Then everything but the log
 * is wiped, and nothing has changed.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, Skyflow } from './fixture/skyflow.js';

/** With up to three replicas each they fit on the two nodes, which take 110 pods each. */
const JOBS = 60;
/** So that submissions last as long as the kills. */
const SUBMIT_PAUSE_MS = 200;
const SETTLE_MS = 120_000;
const jobs = '/apis/skyflow.io/v1/namespaces/default/jobs';
const victims = [
  'api-gateway',
  'scheduler',
  'nats-server',
  'agent',
  'mesh-controller',
  'provisioner',
  'agent-supervisor',
  'embedded-clusters',
] as const;

interface JobObject {
  metadata: { name: string; uid: string };
  spec: { replicas: number };
  status?: { phase: string; placed: number; clusters: { cluster: string; replicas: number }[] };
}

interface NativeDeployment {
  metadata: { name: string; labels: Record<string, string> };
  spec: { replicas: number };
}

describe('the ledger', () => {
  const skyflow = new Skyflow();
  /** Acknowledged jobs: name → uid. */
  const ledger = new Map<string, string>();

  beforeAll(async () => {
    await skyflow.up();
  }, 120_000);

  afterAll(async () => {
    await skyflow.remove();
  }, 60_000);

  /** Submits until it is acknowledged; the idempotency key makes a repeated try the same write. */
  async function submit(index: number): Promise<void> {
    const name = `ledger-${String(index).padStart(3, '0')}`;
    const body = JSON.stringify({
      apiVersion: 'skyflow.io/v1',
      kind: 'Job',
      metadata: { name },
      spec: {
        replicas: 1 + (index % 3),
        template: { spec: { containers: [{ name: 'main', image: 'example.com/simulated' }] } },
      },
    });
    const end = performance.now() + 60_000;
    for (;;) {
      try {
        const answer = await skyflow.api(jobs, {
          method: 'POST',
          body,
          headers: { 'idempotency-key': name },
          signal: AbortSignal.timeout(10_000),
        });
        if (answer.code === 201) {
          ledger.set(name, (answer.body as JobObject).metadata.uid);
          return;
        }
        if (answer.code < 500) throw new Error(`${name}: ${JSON.stringify(answer.body)}`);
      } catch (error) {
        if (error instanceof Error && error.message.startsWith(name)) throw error;
      }
      if (performance.now() > end) throw new Error(`${name} was not acknowledged in a minute`);
      await pause(100);
    }
  }

  /** A process id to kill; undefined while it is being started again. */
  function pidOf(victim: (typeof victims)[number]): number | undefined {
    const processes = skyflow.processes();
    if (victim !== 'agent') return processes[victim];
    const supervisor = processes['agent-supervisor'];
    const children = readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .filter((pid) => parentOf(pid) === supervisor);
    return children.length === 0 ? undefined : Number(children[Math.floor(Math.random() * children.length)]);
  }

  async function apiJobs(): Promise<JobObject[]> {
    const { code, body } = await skyflow.api(jobs);
    expect(code).toBe(200);
    return (body as { items: JobObject[] }).items;
  }

  async function nativeDeployments(): Promise<{ cluster: string; native: NativeDeployment }[]> {
    const found = [];
    for (const cluster of skyflow.clusters.contexts) {
      const { code, stdout, stderr } = await skyflow.kubectl(cluster, ['get', 'deployments', '-o', 'json']);
      if (code !== 0) throw new Error(stderr);
      found.push(...(JSON.parse(stdout) as { items: NativeDeployment[] }).items.map((native) => ({ cluster, native })));
    }
    return found;
  }

  /** Every acknowledged job is there once, in the API and on the clusters, with all its replicas; and nothing else is. */
  async function compareWithLedger(): Promise<void> {
    const listed = await apiJobs();
    expect(Object.fromEntries(listed.map(({ metadata }) => [metadata.name, metadata.uid]))).toEqual(
      Object.fromEntries(ledger),
    );
    expect(
      listed.filter(({ status }) => status?.phase !== 'RUNNING').map(({ metadata, status }) => [metadata.name, status]),
    ).toEqual([]);
    const natives = await nativeDeployments();
    const seen = natives.map(
      ({ cluster, native }) =>
        `${cluster}/${native.metadata.labels['skyflow.io/workload-uid']}: ${native.spec.replicas}`,
    );
    const wanted = listed.flatMap(({ metadata, status }) =>
      (status?.clusters ?? []).map(({ cluster, replicas }) => `${cluster}/${metadata.uid}: ${replicas}`),
    );
    expect(seen.sort()).toEqual(wanted.sort());
    for (const { metadata, spec, status } of listed) {
      expect([metadata.name, (status?.clusters ?? []).reduce((sum, { replicas }) => sum + replicas, 0)]).toEqual([
        metadata.name,
        spec.replicas,
      ]);
    }
  }

  it('holds through kills of everything during submissions', async () => {
    const done = new AbortController();
    const isDone = (): boolean => done.signal.aborted;
    let kills = 0;
    const killing = (async () => {
      for (let turn = 0; !isDone(); turn += 1) {
        const acknowledged = ledger.size;
        const victim = victims[turn % victims.length]!;
        const pid = pidOf(victim);
        if (pid !== undefined) {
          try {
            process.kill(pid, 'SIGKILL');
            kills += 1;
          } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
          }
        }
        await pause(400 + Math.random() * 800);
        // On a machine on which nothing starts within a second nothing would ever be accepted.
        while (!isDone() && ledger.size === acknowledged && ledger.size < JOBS) await pause(50);
      }
    })();
    try {
      for (let index = 0; index < JOBS; index += 1) {
        await submit(index);
        await pause(SUBMIT_PAUSE_MS);
      }
      while (kills < 2 * victims.length) await pause(100);
    } finally {
      done.abort();
      await killing;
    }
    expect(kills).toBeGreaterThanOrEqual(2 * victims.length);
    await eventually('API and clusters agree with the ledger', compareWithLedger, SETTLE_MS);
  }, 300_000);

  it('holds when everything but the log is wiped', async () => {
    const placements = (list: JobObject[]): unknown =>
      list.map(({ metadata, spec, status }) => [
        metadata.name,
        metadata.uid,
        spec,
        status?.clusters.map(({ cluster, replicas }) => [cluster, replicas]),
      ]);
    const before = placements(await apiJobs());
    await skyflow.stop();
    for (const entry of readdirSync(skyflow.home)) {
      // Kept: the log, and the keys without which nobody could read or reach it.
      if (!['nats', 'token'].includes(entry)) rmSync(join(skyflow.home, entry), { recursive: true });
    }
    await skyflow.up();
    await eventually('API and clusters agree with the ledger', compareWithLedger, SETTLE_MS);
    expect(placements(await apiJobs())).toEqual(before);
  }, 300_000);
});

function parentOf(pid: string): number | undefined {
  try {
    return Number(execFileSync('ps', ['-o', 'ppid=', '-p', pid], { encoding: 'utf8' }).trim());
  } catch {
    return undefined; // gone meanwhile
  }
}
