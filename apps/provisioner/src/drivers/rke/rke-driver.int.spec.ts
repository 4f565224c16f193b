/** The driver with a process that behaves like rke: how runs end, what is kept of them, and what is left when they are killed. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeRke } from '../../testing/fake-rke.js';
import type { DriverCluster, RunOptions, RunResult } from '../cluster-driver.js';
import { RkeDriver } from './rke-driver.js';
import { readState } from './state-file.js';

const cluster: DriverCluster = {
  name: 'prod',
  uid: 'u1',
  spec: {},
  kubernetesVersion: undefined,
  podCidr: '10.42.0.0/16',
  serviceCidr: '10.43.0.0/16',
  nodes: [0, 1].map((number) => ({
    name: `prod-${String(number)}`,
    address: `10.0.0.${String(number + 1)}`,
    port: 22,
    user: 'u',
    keyPath: '/k',
    roles: ['controlplane', 'etcd', 'worker'] as const,
    labels: {},
  })),
};

let rke: FakeRke;
let home = '';
let driver: RkeDriver;
beforeEach(() => {
  rke = new FakeRke();
  home = mkdtempSync(join(tmpdir(), 'skyflow-runs-'));
  driver = newDriver();
});
afterEach(() => {
  rke.remove();
  rmSync(home, { recursive: true, force: true });
});

const newDriver = (stallMs = 20_000, totalMs = 60_000): RkeDriver =>
  new RkeDriver({
    home,
    source: { path: rke.path, url: undefined, sha256: undefined, folder: home },
    stallMs,
    totalMs,
  });

interface Seen {
  result: RunResult;
  stages: string[];
  states: string[];
  lines: string[];
}

async function run(state: string, more: Partial<RunOptions> = {}, by = driver): Promise<Seen> {
  const seen = { stages: [] as string[], states: [] as string[], lines: [] as string[] };
  const result = await by.run(cluster, {
    run: 1,
    command: 'up',
    recovery: false,
    state,
    signal: new AbortController().signal,
    onLines: (lines) => seen.lines.push(...lines),
    onStage: (stage) => seen.stages.push(stage),
    onState: (changed) => seen.states.push(changed),
    ...more,
  });
  return { result, ...seen };
}

describe('the RKE driver', () => {
  it('has state and kubeconfig before it has touched a host', async () => {
    const made = await driver.initialise(cluster);
    expect(rke.world.hosts).toBeUndefined();
    expect(made.kubeconfig).toContain('https://10.0.0.1:6443');
    expect(readState(made.state)).toMatchObject({ caFingerprint: made.caFingerprint, hasCurrent: false });
  });

  it('builds, tells its stages, keeps the authority, and takes away again', async () => {
    const made = await driver.initialise(cluster);
    const built = await run(made.state);
    expect(built.result).toMatchObject({ outcome: 'Done', hosts: [] });
    expect(rke.world).toMatchObject({ hosts: ['10.0.0.1:22', '10.0.0.2:22'], finished: true, minted: 1 });
    expect(built.lines.join('\n')).toContain('Building up etcd plane');
    expect(built.stages.at(-1)).toBe('ingress');
    const state = built.result.state ?? '';
    expect(readState(state)).toMatchObject({ caFingerprint: made.caFingerprint, hasCurrent: true });
    expect(built.result.kubeconfig).toBe(made.kubeconfig);
    const removed = await run(state, { run: 2, command: 'remove' });
    expect(removed.result.outcome).toBe('Done');
    expect(rke.world.hosts).toEqual([]);
  });

  it('is partly done when hosts were passed over, and done when they are back', async () => {
    rke.set({ skip: ['10.0.0.2'] });
    const made = await driver.initialise(cluster);
    const { result } = await run(made.state);
    expect(result).toMatchObject({ outcome: 'Partial', hosts: ['10.0.0.2'], failure: { class: 'host' } });
    expect((await run(result.state ?? '', { run: 2 })).result.outcome).toBe('Done');
  });

  it('is done with a warning when a user add-on failed', async () => {
    rke.set({ warn: ['Failed to deploy addon execute job [rke-user-addon]: timed out'] });
    const { result } = await run((await driver.initialise(cluster)).state);
    expect(result).toMatchObject({ outcome: 'Done', warnings: [expect.stringContaining('rke-user-addon')] });
  });

  it('comes out of the upgrade that cannot be, by the way of a first installation', async () => {
    const made = await driver.initialise(cluster);
    const message = 'Failed to get job complete status for job rke-network-plugin-deploy-job in namespace kube-system';
    rke.set({ fail: [{ at: 'cni', message }] });
    const first = await run(made.state);
    expect(first.result).toMatchObject({ outcome: 'Failed', failure: { class: 'addon', line: message } });
    const state = first.result.state ?? '';
    const stuck = await run(state, { run: 2 });
    expect(stuck.result).toMatchObject({ outcome: 'Failed', failure: { class: 'stuckUpgrade' } });
    const again = await run(state, { run: 3, recovery: true });
    expect(again.result.outcome).toBe('Done');
    expect(readState(again.result.state ?? '')?.caFingerprint).toBe(made.caFingerprint);
    expect(rke.world.minted).toBe(1);
  });

  it('issues certificates anew under the same authority, and gives on the new kubeconfig', async () => {
    const made = await driver.initialise(cluster);
    const early = await run(made.state, { command: 'rotateCertificates' });
    expect(early.result).toMatchObject({ outcome: 'Failed', failure: { line: expect.stringContaining('old certif') } });
    const built = await run(made.state, { run: 2 });
    const { result, lines } = await run(built.result.state ?? '', { run: 3, command: 'rotateCertificates' });
    expect(result.outcome).toBe('Done');
    expect(lines.join('\n')).toContain('Rebuilding Kubernetes cluster with rotated certificates');
    expect(readState(result.state ?? '')).toMatchObject({ caFingerprint: made.caFingerprint, hasCurrent: true });
    expect(result.kubeconfig).toContain('# issued 1 times');
  });

  it('takes a snapshot and goes back to it, also when it was killed on the way', async () => {
    const made = await driver.initialise(cluster);
    let { state = '' } = (await run(made.state)).result;
    rke.write('before');
    const taken = await run(state, { run: 2, command: 'snapshot', snapshot: 'snapshot-1' });
    expect(taken.result.outcome).toBe('Done');
    rke.write('after');
    rke.set({ hangAt: 'cleaning' });
    void run(state, { run: 3, command: 'restore', snapshot: 'snapshot-1' }).catch(() => undefined);
    await untilTrue(() => (rke.world as { hung?: boolean }).hung === true);
    const left = await newDriver().endRun(cluster.uid, 3, 'restore');
    expect(left.isDone).toBe(false);
    state = left.state ?? state;
    const back = await run(state, { run: 4, command: 'restore', snapshot: 'snapshot-1' });
    expect(back.result.outcome).toBe('Done');
    expect(rke.world).toMatchObject({ data: 'before', finished: true, minted: 1 });
    expect(readState(back.result.state ?? '')?.caFingerprint).toBe(made.caFingerprint);
    const none = await run(back.result.state ?? '', { run: 5, command: 'restore', snapshot: 'snapshot-9' });
    expect(none.result).toMatchObject({ outcome: 'Failed', failure: { class: 'config' } });
  });

  it('never gives on a state of another authority', async () => {
    const made = await driver.initialise(cluster);
    await run(made.state);
    const other = await driver.initialise({ ...cluster, uid: 'u2' });
    const { result } = await run(other.state, { run: 2 });
    expect(result).toMatchObject({ outcome: 'Failed', failure: { class: 'dangerous' } });
  });

  it('is ended when it is silent for too long, and when it takes too long', async () => {
    const made = await driver.initialise(cluster);
    rke.set({ hangAt: 'etcd' });
    const stalled = await run(made.state, {}, newDriver(1_500));
    expect(stalled.result).toMatchObject({ outcome: 'Failed', failure: { class: 'stalled' } });
    expect(stalled.result.failure?.line).toContain('Building up etcd plane');
    rke.set({ lineMs: 300 });
    const overdue = await run(made.state, { run: 2 }, newDriver(20_000, 1_500));
    expect(overdue.result).toMatchObject({
      failure: { class: 'stalled', message: expect.stringContaining('too long') },
    });
  });

  it('is ended when it is asked to stop', async () => {
    const made = await driver.initialise(cluster);
    rke.set({ hangAt: 'etcd' });
    const stop = new AbortController();
    const { result } = await run(made.state, {
      signal: stop.signal,
      onStage: (stage) => {
        if (stage === 'etcd') stop.abort();
      },
    });
    expect(result).toMatchObject({ outcome: 'Unknown', failure: { class: 'interrupted' } });
    expect(isAlive(rke.world.running)).toBe(false);
  });

  it.each(['certificates', 'certs', 'etcd', 'current', 'worker', 'cni', 'finish'])(
    'goes on with the same authority when its watcher was killed at %s',
    async (at) => {
      const made = await driver.initialise(cluster);
      rke.set({ hangAt: at });
      // The watcher is gone: nobody reads, nobody ends it.
      void run(made.state).catch(() => undefined);
      await untilTrue(() => (rke.world as { hung?: boolean }).hung === true);
      const left = await newDriver().endRun(cluster.uid, 1, 'up');
      expect(isAlive(rke.world.running)).toBe(false);
      expect(left.isDone).toBe(at === 'finish');
      const state = left.state ?? made.state;
      expect(readState(state)?.caFingerprint).toBe(made.caFingerprint);
      if (left.isDone) return;
      const recovery = ['worker', 'state', 'network'].includes(left.stage ?? '') || at === 'current';
      const again = await run(state, { run: 2, recovery });
      expect(again.result.outcome).toBe('Done');
      expect(rke.world).toMatchObject({ minted: 1 });
      expect(rke.world.together).toBeUndefined();
    },
  );

  it('says in words that rke is not there, or is another version', async () => {
    const source = { path: undefined, url: undefined, sha256: undefined, folder: home };
    const path = process.env.PATH;
    process.env.PATH = '/nowhere';
    try {
      const none = new RkeDriver({ home, source, stallMs: 1, totalMs: 1 });
      await expect(none.check(cluster)).rejects.toThrow('rke is not on the machine of the provisioner');
    } finally {
      process.env.PATH = path;
    }
    rke.set({ version: 'v1.3.9' });
    await expect(driver.check(cluster)).rejects.toThrow('this driver is made for rke v1.5');
    writeFileSync(join(rke.folder, 'broken'), 'no program', { mode: 0o755 });
    const missing = { ...source, path: join(rke.folder, 'nothing') };
    await expect(new RkeDriver({ home, source: missing, stallMs: 1, totalMs: 1 }).check(cluster)).rejects.toThrow(
      'there is no such file',
    );
  });
});

/** One that has ended and that nobody has waited for yet is not alive. */
function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${String(pid)}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function untilTrue(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('not within 30 s');
    await pause(20);
  }
}
