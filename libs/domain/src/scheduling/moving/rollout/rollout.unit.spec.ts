import { describe, expect, it } from '@jest/globals';
import { workSubject } from '@skyflow/contracts';
import { DEFAULT_PROGRESS_SECONDS } from './decide-rollouts.js';
import { Fleet } from './testing/fleet.js';

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

  it('is through on a cluster that surges, ready all the time, when nothing of before is left there', () => {
    const fleet = new Fleet({ type: 'Progressive' });
    fleet.edit('v2');
    fleet.report('a', 'RUNNING', 1);
    expect(fleet.images()).toEqual({ a: 'v2', b: 'v1', c: 'v1', d: 'v1' });
    fleet.report('a');
    expect(fleet.images()).toEqual({ a: 'v2', b: 'v2', c: 'v1', d: 'v1' });
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

  it('is rolled back where it failed on every cluster, however many may fail', () => {
    const alone = new Fleet({ type: 'Progressive', maxFailures: 1 }, 1);
    alone.edit('v2');
    alone.report('a', 'FAILED');
    expect(alone.images()).toEqual({ a: 'v1' });
    expect(alone.last()).toMatchObject({ state: 'RolledBack' });
    const two = new Fleet({ type: 'Progressive', maxFailures: 2 }, 2);
    two.edit('v2');
    two.report('a', 'FAILED');
    expect(two.images()).toEqual({ a: 'v2', b: 'v2' });
    two.report('b', 'FAILED');
    expect(two.images()).toEqual({ a: 'v1', b: 'v1' });
  });

  it('is complete but for those that may fail, and says which', () => {
    const fleet = new Fleet({ type: 'Progressive', maxFailures: 1 }, 2);
    fleet.edit('v2');
    fleet.report('a', 'FAILED');
    fleet.report('b');
    expect(fleet.last()).toMatchObject({
      state: 'Complete',
      message: 'all clusters run generation 2 but a, which failed; maxFailures is 1',
    });
  });

  it('that goes everywhere at once is rolled back, too, when a strategy says so', () => {
    const fleet = new Fleet({ type: 'All', maxFailures: 1 });
    fleet.edit('v2');
    expect(fleet.images()).toEqual({ a: 'v2', b: 'v2', c: 'v2', d: 'v2' });
    fleet.report('a', 'FAILED');
    expect(fleet.images().b).toBe('v2');
    fleet.report('b', 'FAILED');
    expect(fleet.images()).toEqual({ a: 'v1', b: 'v1', c: 'v1', d: 'v1' });
    expect(fleet.last()).toMatchObject({ state: 'RolledBack', message: expect.stringContaining('a, b did not') });
  });

  it('that was rolled back stays so when something else is edited, and says so again', () => {
    const fleet = new Fleet({ type: 'Progressive' });
    fleet.edit('v2');
    fleet.report('a', 'FAILED');
    fleet.edit('v2', fleet.rollout, 8);
    expect(fleet.images()).toEqual({ a: 'v1', b: 'v1', c: 'v1', d: 'v1' });
    expect(fleet.last()).toMatchObject({ state: 'RolledBack', generation: 3, from: 1 });
    fleet.edit('v3', {}, 8);
    expect(fleet.images()).toEqual({ a: 'v3', b: 'v3', c: 'v3', d: 'v3' });
    expect(fleet.history.state.rollouts.size).toBe(0);
  });

  it('that another change interrupts leaves no cluster with what was on its way', () => {
    const fleet = new Fleet({ type: 'All' });
    fleet.edit('v2');
    expect(fleet.images()).toEqual({ a: 'v2', b: 'v2', c: 'v2', d: 'v2' });
    fleet.edit('v3', { type: 'Progressive' });
    expect(fleet.images()).toEqual({ a: 'v3', b: 'v1', c: 'v1', d: 'v1' });
    fleet.step(DEFAULT_PROGRESS_SECONDS);
    expect(fleet.images()).toEqual({ a: 'v1', b: 'v1', c: 'v1', d: 'v1' });
  });

  it('that stopped goes on when more clusters may fail', () => {
    const fleet = new Fleet({ type: 'Progressive', onFailure: 'Pause' });
    fleet.edit('v2');
    fleet.report('a', 'FAILED');
    fleet.edit('v2', { type: 'Progressive', onFailure: 'Pause', maxFailures: 1 });
    expect(fleet.images()).toEqual({ a: 'v2', b: 'v2', c: 'v1', d: 'v1' });
  });

  it('is held back by a pause alone, without a strategy, and then goes everywhere at once', () => {
    const fleet = new Fleet(undefined);
    fleet.edit('v1', { paused: true });
    fleet.edit('v2', { paused: true });
    fleet.step(10_000);
    expect(fleet.images()).toEqual({ a: 'v1', b: 'v1', c: 'v1', d: 'v1' });
    expect(fleet.last()).toMatchObject({ state: 'Progressing', message: expect.stringContaining('paused') });
    fleet.edit('v2', {});
    expect(fleet.images()).toEqual({ a: 'v2', b: 'v2', c: 'v2', d: 'v2' });
    expect(fleet.last()).toMatchObject({ state: 'Complete' });
  });

  it('says where it stands after each edit, and does not count a pause as lateness', () => {
    const fleet = new Fleet({ type: 'Progressive' });
    fleet.edit('v2');
    fleet.edit('v2', { type: 'Progressive', paused: true });
    expect(fleet.last()).toMatchObject({ state: 'Progressing', generation: 3, released: [{ cluster: 'a' }] });
    fleet.step(2 * DEFAULT_PROGRESS_SECONDS);
    fleet.edit('v2', { type: 'Progressive' });
    fleet.step(DEFAULT_PROGRESS_SECONDS - 1);
    expect(fleet.images().a).toBe('v2');
    fleet.step(1);
    expect(fleet.last()).toMatchObject({ state: 'RolledBack' });
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
