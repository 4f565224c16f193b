import { describe, expect, it } from '@jest/globals';
import { type RolloutStrategy, type StoredObject, workSubject } from '@skyflow/contracts';
import { History, node, workload } from '../../testing/history.js';
import { DEFAULT_PROGRESS_SECONDS } from './decide-rollouts.js';

const REGIONS: Record<string, string> = { a: 'eu', b: 'eu', c: 'us', d: 'us' };

class Fleet {
  readonly history = new History();
  private generation = 1;
  readonly names: string[];

  constructor(
    readonly rollout: RolloutStrategy | undefined,
    size = 4,
  ) {
    this.history.startEpoch();
    this.names = Object.keys(REGIONS).slice(0, size);
    for (const name of this.names) {
      this.history.cluster(name, [node(`${name}-1`, { cpu: 8_000 })], {
        'topology.kubernetes.io/region': REGIONS[name] ?? '',
      });
    }
    this.history.create(this.web('v1'));
    this.step();
    this.allReady();
  }

  /** One replica on each cluster. */
  web(image: string, rollout = this.rollout, replicas = this.names.length): StoredObject {
    return workload('web', {
      ...{ replicas, generation: this.generation, requests: { cpu: '1' } },
      podSpec: { containers: [{ name: 'main', image, resources: { requests: { cpu: '1' } } }] },
      ...(rollout !== undefined && { placement: { rollout } }),
    });
  }

  edit(image: string, rollout = this.rollout, replicas = this.names.length): void {
    this.generation++;
    this.history.update(this.web(image, rollout, replicas));
    this.step();
  }

  step(seconds = 0): void {
    this.history.nowMs += seconds * 1000;
    this.history.schedule();
  }

  /** Image and generation that each cluster was last told. */
  images(): Record<string, string> {
    const told = this.names.map((name) => {
      const work = this.history.entriesOf('WorkAssigned', workSubject(name)).at(-1);
      const { template } = work?.object.spec as { template: { spec: { containers: { image: string }[] } } };
      return [name, template.spec.containers[0]?.image ?? ''] as const;
    });
    return Object.fromEntries(told);
  }

  /** The agent of a cluster reports what it was told as ready, or as failed. */
  report(name: string, phase: 'RUNNING' | 'FAILED' = 'RUNNING'): void {
    const work = this.history.entriesOf('WorkAssigned', workSubject(name)).at(-1);
    const seen = { ...this.web('any') };
    seen.metadata = { ...seen.metadata, generation: work?.generation ?? 1 };
    this.history.report(name, seen, phase, phase === 'RUNNING' ? (work?.replicas ?? 0) : 0);
    this.step();
  }

  allReady(): void {
    for (const name of this.names) this.report(name);
  }

  last(): { state: string; message: string } | undefined {
    return this.history.entriesOf('RolloutAdvanced').at(-1);
  }
}

describe('a change of the pod template', () => {
  it('goes everywhere at once where nothing is said', () => {
    const fleet = new Fleet(undefined);
    fleet.edit('v2');
    expect(fleet.images()).toEqual({ a: 'v2', b: 'v2', c: 'v2', d: 'v2' });
    expect(fleet.history.entriesOf('RolloutAdvanced')).toEqual([]);
  });

  it('goes one cluster after the other, each when the one before is ready', () => {
    const fleet = new Fleet({ type: 'Progressive' });
    fleet.edit('v2');
    expect(fleet.images()).toEqual({ a: 'v2', b: 'v1', c: 'v1', d: 'v1' });
    fleet.step(60);
    expect(fleet.images()).toEqual({ a: 'v2', b: 'v1', c: 'v1', d: 'v1' });
    fleet.report('a');
    expect(fleet.images()).toEqual({ a: 'v2', b: 'v2', c: 'v1', d: 'v1' });
    for (const name of ['b', 'c', 'd']) fleet.report(name);
    expect(fleet.images()).toEqual({ a: 'v2', b: 'v2', c: 'v2', d: 'v2' });
    expect(fleet.last()).toMatchObject({ state: 'Complete' });
    expect(fleet.history.state.rollouts.size).toBe(0);
  });

  it('goes group by group, and as many clusters at a time as may', () => {
    const groups = new Fleet({ type: 'ProgressivePerGroup' });
    groups.edit('v2');
    expect(groups.images()).toEqual({ a: 'v2', b: 'v2', c: 'v1', d: 'v1' });
    groups.report('b');
    expect(groups.images()).toEqual({ a: 'v2', b: 'v2', c: 'v1', d: 'v1' });
    groups.report('a');
    expect(groups.images()).toEqual({ a: 'v2', b: 'v2', c: 'v2', d: 'v2' });
    const many = new Fleet({ type: 'Progressive', maxConcurrency: 3 });
    many.edit('v2');
    expect(many.images()).toEqual({ a: 'v2', b: 'v2', c: 'v2', d: 'v1' });
  });

  it('waits until replicas have been ready for long enough, and while it is paused', () => {
    const fleet = new Fleet({ type: 'Progressive', minReadySeconds: 30 });
    fleet.edit('v2');
    fleet.report('a');
    fleet.step(29);
    expect(fleet.images().b).toBe('v1');
    fleet.edit('v2', { type: 'Progressive', minReadySeconds: 30, paused: true });
    fleet.report('a');
    fleet.step(600);
    expect(fleet.images().b).toBe('v1');
    fleet.edit('v2', { type: 'Progressive', minReadySeconds: 30 });
    fleet.report('a');
    fleet.step(30);
    expect(fleet.images().b).toBe('v2');
  });

  it('is rolled back when too many clusters fail or take too long', () => {
    const fleet = new Fleet({ type: 'Progressive' });
    fleet.edit('v2');
    fleet.report('a', 'FAILED');
    expect(fleet.images()).toEqual({ a: 'v1', b: 'v1', c: 'v1', d: 'v1' });
    expect(fleet.last()).toMatchObject({
      state: 'RolledBack',
      message: expect.stringContaining('a did not get ready'),
    });
    fleet.step(10_000);
    expect(fleet.images().a).toBe('v1');
    fleet.edit('v3');
    expect(fleet.images()).toEqual({ a: 'v3', b: 'v1', c: 'v1', d: 'v1' });
    fleet.step(DEFAULT_PROGRESS_SECONDS);
    expect(fleet.images().a).toBe('v1');
  });

  it('tolerates so many failures, and stops where that is asked for', () => {
    const tolerant = new Fleet({ type: 'Progressive', maxFailures: 1 });
    tolerant.edit('v2');
    tolerant.report('a', 'FAILED');
    expect(tolerant.images()).toEqual({ a: 'v2', b: 'v2', c: 'v1', d: 'v1' });
    const pausing = new Fleet({ type: 'Progressive', onFailure: 'Pause' });
    pausing.edit('v2');
    pausing.report('a', 'FAILED');
    expect(pausing.images()).toEqual({ a: 'v2', b: 'v1', c: 'v1', d: 'v1' });
    expect(pausing.last()).toMatchObject({ state: 'Stopped' });
  });

  it('that is taken back goes everywhere at once', () => {
    const fleet = new Fleet({ type: 'Progressive' });
    fleet.edit('v2');
    fleet.edit('v1');
    expect(fleet.images()).toEqual({ a: 'v1', b: 'v1', c: 'v1', d: 'v1' });
    expect(fleet.history.state.rollouts.size).toBe(0);
  });

  it('does not keep replicas from being scaled and moved with the version that they have', () => {
    const fleet = new Fleet({ type: 'Progressive' });
    fleet.edit('v2');
    fleet.edit('v2', fleet.rollout, 8);
    const [work] = fleet.history.entriesOf('WorkAssigned', workSubject('d')).slice(-1);
    expect([work?.replicas, fleet.images().d]).toEqual([2, 'v1']);
    expect(work?.generation).toBe(1);
    expect(fleet.images().a).toBe('v2');
  });

  it('is decided the same way again from the log', () => {
    const fleet = new Fleet({ type: 'ProgressivePerGroup', maxConcurrency: 1 });
    fleet.edit('v2');
    fleet.report('a');
    const again = fleet.history.replay();
    expect(again.workloads.get('uid-web')?.moves).toEqual(fleet.history.state.workloads.get('uid-web')?.moves);
    expect(again.unissued.size).toBe(0);
  });
});
