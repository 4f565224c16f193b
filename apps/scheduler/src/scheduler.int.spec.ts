/** The scheduler as a process, on a real nats-server. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { positionOf, sequenceOf } from '@skyflow/contracts';
import { evolveScheduling, initialScheduling, isWorkIssued } from '@skyflow/domain';
import { ControlPlane, job, storedObject } from './testing/control-plane.js';

/** Slow enough that several lives of the scheduler see submissions. */
const SUBMIT_EVERY_MS = 20;

describe('the scheduler process', () => {
  let plane: ControlPlane;

  beforeEach(async () => {
    plane = await ControlPlane.start();
  });

  afterEach(() => plane.stop());

  /** Every workload is decided exactly once, and the work of the clusters is what was decided. */
  async function expectEachDecidedOnce(names: readonly string[]): Promise<void> {
    const decisions = await plane.entries('PlacementDecided');
    expect(decisions.map(({ data }) => data.ref.name).sort()).toEqual([...names].sort());
    const work = await plane.entries('WorkAssigned');
    const wanted = decisions.flatMap(({ seq, index, data }) =>
      data.placements.map(
        ({ cluster, replicas }) => `${cluster}/${data.ref.name}/${replicas}/${positionOf(seq, index)}`,
      ),
    );
    const given = work.map(
      ({ subject, data }) =>
        `${subject.slice('sky.work.'.length)}/${data.object.metadata.name}/${data.replicas}/${data.decision}`,
    );
    expect(given.sort()).toEqual(wanted.sort());
  }

  it('makes clusters READY, places a job and gives each cluster its share', async () => {
    plane.startScheduler();
    await plane.addCluster('a', { cpu: 1930 });
    await plane.addCluster('b', { cpu: 1930 });
    await plane.eventually(async () => expect(await plane.entries('ClusterHealthDecided')).toHaveLength(2));
    await plane.create(job('hello', 2, { cpu: '1' }));
    await plane.eventually(async () => expect(await plane.entries('WorkAssigned')).toHaveLength(2));
    const [decision] = await plane.entries('PlacementDecided');
    expect(decision?.data.placements).toEqual([
      { cluster: 'a', replicas: 1 },
      { cluster: 'b', replicas: 1 },
    ]);
    expect(sequenceOf(decision!.data.basis)).toBeLessThan(decision!.seq);
    const commits = await plane.commits();
    const [created, decided, ...work] = commits.slice(-4);
    expect(decided?.commit.entries[0]).toMatchObject({ corr: 'corr-test', cause: `${created?.commit.id}/0` });
    for (const each of work) {
      expect(each.commit.entries[0]).toMatchObject({ corr: 'corr-test', cause: `${decided?.commit.id}/0` });
    }
  });

  it('lets a job wait with its reason, and places it when room appears', async () => {
    plane.startScheduler();
    await plane.addCluster('a', { cpu: 1930 });
    const [first, second] = [job('first', 1, { cpu: '1' }), job('second', 1, { cpu: '1' })];
    await plane.create(first);
    await plane.create(second);
    await plane.eventually(async () => {
      const last = (await plane.entries('PlacementDecided')).findLast(({ data }) => data.ref.name === 'second');
      expect(last?.data).toMatchObject({ unplaced: 1, reason: 'INSUFFICIENT_RESOURCES' });
      expect(last?.data.message).toContain('needs 1000m cpu per replica, the largest node has 930m free');
    });
    // Before its work is issued there is nothing to withdraw, and the scheduler releases it at once.
    await plane.eventually(async () => expect(await plane.entries('WorkAssigned')).toHaveLength(1));
    await plane.delete(first);
    await plane.eventually(async () => expect(await plane.entries('WorkWithdrawn')).toHaveLength(1));
    await plane.report('a', 'WorkRemoved', { ref: (await plane.entries('WorkWithdrawn'))[0]!.data.ref });
    await plane.eventually(async () => {
      const last = (await plane.entries('PlacementDecided')).findLast(({ data }) => data.ref.name === 'second');
      expect(last?.data).toMatchObject({ unplaced: 0, placements: [{ cluster: 'a', replicas: 1 }] });
      expect(await plane.entries('ObjectReleased')).toHaveLength(1);
    });
  });

  it('commits a whole round as one message, also where its reasons take megabytes', async () => {
    plane.startScheduler();
    const clusters = Array.from({ length: 40 }, (_, index) => `cluster-of-a-rather-long-name-${index}`);
    for (const name of clusters) await plane.addCluster(name, { cpu: 1_000_000 });
    await plane.eventually(async () => expect(await plane.entries('ClusterHealthDecided')).toHaveLength(40), 40_000);
    await plane.create(...Array.from({ length: 1_000 }, (_, index) => job(`job-${index}`, 1, { cpu: '10m' })));
    await plane.eventually(async () => expect(await plane.entries('PlacementDecided')).toHaveLength(1_000), 40_000);
    const decided = await plane.entries('PlacementDecided');
    expect(new Set(decided.map(({ seq }) => seq)).size).toBe(1);
    expect(JSON.stringify(decided.map(({ data }) => data)).length).toBeGreaterThan(2_000_000);
  }, 120_000);

  it('decides every workload once although it is killed again and again during submissions', async () => {
    plane.startScheduler();
    for (const name of ['a', 'b', 'c']) await plane.addCluster(name, { cpu: 1_000_000 });
    await plane.eventually(async () => expect(await plane.entries('ClusterHealthDecided')).toHaveLength(3));
    const names: string[] = [];
    const ended = new AbortController();
    const submitting = (async () => {
      while (!ended.signal.aborted) {
        const name = `job-${names.length}`;
        names.push(name);
        await plane.create(job(name, 1 + (names.length % 3), { cpu: '10m' }));
        await pause(SUBMIT_EVERY_MS);
      }
    })();
    for (let life = 0; life < 4; life++) {
      const before = (await plane.entries('PlacementDecided')).length;
      await plane.eventually(async () =>
        expect((await plane.entries('PlacementDecided')).length).toBeGreaterThan(before + 5),
      );
      await plane.schedulers.at(-1)?.end('SIGKILL');
      plane.startScheduler();
    }
    ended.abort();
    await submitting;
    await plane.eventually(async () => {
      const decisions = await plane.entries('PlacementDecided');
      expect(decisions.length).toBe(names.length);
      const shares = decisions.flatMap(({ data }) => data.placements);
      expect((await plane.entries('WorkAssigned')).length).toBe(shares.length);
    }, 40_000);
    await expectEachDecidedOnce(names);
  }, 90_000);

  it('has one that decides when there are two, and the other goes on when that one is stopped or killed', async () => {
    const [first, second] = [plane.startScheduler(), plane.startScheduler()];
    await plane.addCluster('a', { cpu: 1_000_000 });
    await plane.eventually(async () => expect((await plane.entries('ClusterHealthDecided')).length).toBeGreaterThan(0));
    const names: string[] = [];
    const submit = async (): Promise<void> => {
      const name = `job-${names.length}`;
      names.push(name);
      await plane.create(job(name));
    };
    for (let i = 0; i < 20; i++) await submit();
    await plane.eventually(async () => expect(await plane.entries('PlacementDecided')).toHaveLength(20));
    // The active one is frozen; the lease goes to the other; then the frozen one comes back with its old epoch.
    const active = first.output.includes('"active"') ? first : second;
    active.child.kill('SIGSTOP');
    for (let i = 0; i < 20; i++) await submit();
    await plane.eventually(async () => expect(await plane.entries('PlacementDecided')).toHaveLength(40), 40_000);
    active.child.kill('SIGCONT');
    for (let i = 0; i < 20; i++) await submit();
    await plane.eventually(async () => expect(await plane.entries('WorkAssigned')).toHaveLength(60));
    await expectEachDecidedOnce(names);
    expect((await plane.entries('EpochStarted')).length).toBeGreaterThanOrEqual(2);
    expect((await plane.entries('ClusterHealthDecided')).every(({ data }) => data.state === 'READY')).toBe(true);
  }, 60_000);

  it('starts again from a snapshot, and reads objects from the log when a ConfigMap makes their work due again', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'skyflow-scheduler-'));
    const first = plane.startScheduler({ SKYFLOW_SNAPSHOT_DIR: directory });
    await plane.addCluster('a', { cpu: 1_000_000 });
    await plane.eventually(async () => expect(await plane.entries('ClusterHealthDecided')).toHaveLength(1));
    const volumes = [{ name: 'v', configMap: { name: 'settings' } }];
    for (let i = 0; i < 20; i++) await plane.create(job(`job-${i}`, 1, {}, { volumes }));
    await plane.eventually(async () => expect(await plane.entries('WorkAssigned')).toHaveLength(20));
    expect(await first.end('SIGTERM')).toBe(0);
    expect(await readdir(directory)).toHaveLength(1);

    await plane.create(storedObject('ConfigMap', 'settings', undefined, 'default'));
    plane.startScheduler({ SKYFLOW_SNAPSHOT_DIR: directory });
    await plane.eventually(async () => expect(await plane.entries('WorkAssigned')).toHaveLength(40), 40_000);
    const again = (await plane.entries('WorkAssigned')).slice(20);
    for (const { data } of again) {
      expect(data.dependencies?.map(({ metadata }) => metadata.name)).toEqual(['settings']);
      expect(data.object.spec).toMatchObject({ template: { spec: { volumes } } });
    }
    expect(new Set(again.map(({ data }) => data.object.metadata.uid)).size).toBe(20);
    expect(await plane.entries('PlacementDecided')).toHaveLength(20);
    await rm(directory, { recursive: true });
  }, 60_000);

  it('goes on after an outage of nats-server, and ends with 0 on SIGTERM', async () => {
    const scheduler = plane.startScheduler();
    await plane.addCluster('a', { cpu: 1_000_000 });
    await plane.create(job('before'));
    await plane.eventually(async () => expect(await plane.entries('WorkAssigned')).toHaveLength(1));
    await plane.nats.kill9();
    await plane.nats.restart();
    await plane.eventually(() => plane.create(job('after')));
    await plane.eventually(async () => expect(await plane.entries('WorkAssigned')).toHaveLength(2));
    const state = initialScheduling();
    for (const { seq, subject, commit } of await plane.commits()) {
      commit.entries.forEach((entry, index) =>
        evolveScheduling(state, entry, { position: positionOf(seq, index), subject, commitId: commit.id, index }),
      );
    }
    expect(state.undecided.size).toBe(0);
    expect(isWorkIssued(state)).toBe(true);
    expect(await scheduler.end('SIGTERM')).toBe(0);
  }, 60_000);
});
