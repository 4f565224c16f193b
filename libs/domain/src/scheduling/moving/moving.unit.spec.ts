import { describe, expect, it } from '@jest/globals';
import type { StoredObject } from '@skyflow/contracts';
import { workSubject } from '@skyflow/contracts';
import { History, node, object, twoClusters, workload } from '../testing/history.js';
import { DRAIN_AT_ONCE } from './decide-evictions.js';
import { DEFAULT_DRAIN_SECONDS, DEFAULT_LOST_SECONDS, DEFAULT_UNREACHABLE_SECONDS } from './moving-rules.js';

const roomy = (history: History, ...names: string[]): void => {
  for (const name of names) history.cluster(name, [node(`${name}-1`, { cpu: 100_000, pods: 10_000 })]);
};

function clusters(...names: string[]): History {
  const history = new History();
  history.startEpoch();
  roomy(history, ...names);
  return history;
}

const drain = (history: History, name: string, more: object = {}): void =>
  history.update(object('Cluster', name, { manager: 'k8', unschedulable: true, drain: more }, { uid: `uid-${name}` }));

const after = (history: History, seconds: number): void => {
  history.nowMs += seconds * 1000;
  history.schedule();
};

const lastWork = (history: History, cluster: string): string | undefined =>
  history.log.findLast(({ place }) => place.subject === workSubject(cluster))?.entry.type;

const cpu = { requests: { cpu: '1' } };

describe('a cluster that is lost', () => {
  const lose = (history: History, name = 'a'): void => {
    history.health(name, 'LOST');
    history.schedule();
  };

  it('keeps its replicas for the grace time, then they are placed elsewhere and withdrawn there', () => {
    const history = clusters('a', 'b');
    const web = workload('web', { replicas: 4, ...cpu });
    history.create(web);
    history.schedule();
    expect(history.placed(web)).toEqual({ a: 2, b: 2 });
    lose(history);
    after(history, DEFAULT_LOST_SECONDS - 1);
    expect(history.placed(web)).toEqual({ a: 2, b: 2 });
    after(history, 1);
    expect(history.placed(web)).toEqual({ b: 4 });
    expect(history.entriesOf('WorkWithdrawn', workSubject('a'))).toHaveLength(1);
    expect(history.entriesOf('EvictionDecided')).toMatchObject([{ cluster: 'a', cause: 'ClusterLost', now: 30_000 }]);
  });

  it('is waited for longer when only its API does not answer', () => {
    const history = clusters('a', 'b');
    const web = workload('web', { replicas: 2, ...cpu });
    history.create(web);
    history.schedule();
    history.health('a', 'UNREACHABLE');
    after(history, DEFAULT_UNREACHABLE_SECONDS - 1);
    expect(history.placed(web)).toEqual({ a: 1, b: 1 });
    after(history, 1);
    expect(history.placed(web)).toEqual({ b: 2 });
  });

  it('is waited for as long as the workload says, and for ever if it says Never', () => {
    const history = clusters('a', 'b');
    const patient = workload('patient', { replicas: 2, ...cpu, placement: { failover: { graceSeconds: 3600 } } });
    const eager = workload('eager', { replicas: 2, ...cpu, placement: { failover: { graceSeconds: 0 } } });
    const never = workload('never', { replicas: 2, ...cpu, placement: { failover: { mode: 'Never' } } });
    history.create(patient, eager, never);
    history.schedule();
    lose(history);
    expect([patient, eager, never].map((each) => history.placed(each).a)).toEqual([1, undefined, 1]);
    after(history, 3600);
    expect([patient, eager, never].map((each) => history.placed(each).a)).toEqual([undefined, undefined, 1]);
    after(history, 360_000);
    expect(history.placed(never)).toEqual({ a: 1, b: 1 });
  });

  it('that comes back in time keeps everything', () => {
    const history = clusters('a', 'b');
    const web = workload('web', { replicas: 2, ...cpu });
    history.create(web);
    history.schedule();
    lose(history);
    after(history, DEFAULT_LOST_SECONDS - 1);
    history.health('a', 'READY');
    after(history, 1000);
    expect(history.entriesOf('EvictionDecided')).toEqual([]);
    expect(history.placed(web)).toEqual({ a: 1, b: 1 });
  });

  it('keeps what has no place elsewhere, and what may run only there', () => {
    const history = twoClusters();
    const pinned = workload('pinned', { replicas: 1, requests: { cpu: '100m' }, placement: { clusters: ['a'] } });
    const web = workload('web', { replicas: 2, ...cpu });
    history.create(pinned, web);
    history.schedule();
    lose(history);
    after(history, 1000);
    expect(history.entriesOf('EvictionDecided')).toEqual([]);
    roomy(history, 'c');
    history.schedule();
    expect(history.placed(web)).toEqual({ b: 1, c: 1 });
    expect(history.placed(pinned)).toEqual({ a: 1 });
  });

  it('gives nothing away of a job that has run to its end there', () => {
    const history = clusters('a', 'b');
    const batch = workload('batch', { replicas: 2, ...cpu, restartPolicy: 'Never' });
    history.create(batch);
    history.schedule();
    history.report('a', batch, 'COMPLETED');
    lose(history);
    after(history, 1000);
    expect(history.entriesOf('EvictionDecided')).toEqual([]);
    expect(history.placed(batch)).toEqual({ a: 1, b: 1 });
  });

  it('has the completions of its share of a job done elsewhere', () => {
    const history = clusters('a', 'b');
    const batch = workload('batch', { replicas: 4, ...cpu, restartPolicy: 'Never', spec: { completions: 8 } });
    history.create(batch);
    history.schedule();
    lose(history);
    after(history, 1000);
    expect(history.decisionOn(batch)?.placements).toEqual([{ cluster: 'b', replicas: 4, completions: 8 }]);
  });
});

describe('a cluster that is drained', () => {
  it('lets services go when their replacement is ready, and not before', () => {
    const history = clusters('a', 'b');
    const web = workload('web', { replicas: 4, ...cpu });
    history.create(web);
    history.schedule();
    for (const name of ['a', 'b']) history.report(name, web, 'RUNNING', 2);
    drain(history, 'a');
    history.schedule();
    expect(history.placed(web)).toEqual({ b: 4 });
    expect(history.decisionOn(web)?.leaving).toEqual([{ cluster: 'a', replicas: 2 }]);
    expect(lastWork(history, 'a')).toBe('WorkAssigned');
    history.report('b', web, 'RUNNING', 3);
    history.schedule();
    expect(history.entriesOf('WorkAssigned', workSubject('a')).at(-1)?.replicas).toBe(1);
    history.report('b', web, 'RUNNING', 4);
    history.schedule();
    expect(lastWork(history, 'a')).toBe('WorkWithdrawn');
    history.removed('a', web);
    expect(history.state.clusters.get('a')?.shares.size).toBe(0);
    expect(history.state.moving.size).toBe(0);
  });

  it('does not wait for replacements beyond its time', () => {
    const history = clusters('a', 'b');
    const web = workload('web', { replicas: 2, ...cpu });
    history.create(web);
    history.schedule();
    drain(history, 'a', { graceSeconds: 60 });
    history.schedule();
    after(history, 59);
    expect(lastWork(history, 'a')).toBe('WorkAssigned');
    after(history, 1);
    expect(lastWork(history, 'a')).toBe('WorkWithdrawn');
  });

  it('keeps what has no place elsewhere until its time is over', () => {
    const history = twoClusters();
    const web = workload('web', { replicas: 2, ...cpu });
    history.create(web);
    history.schedule();
    drain(history, 'a');
    after(history, DEFAULT_DRAIN_SECONDS - 1);
    expect(history.placed(web)).toEqual({ a: 1, b: 1 });
    after(history, 1);
    expect(history.decisionOn(web)).toMatchObject({ unplaced: 1, placements: [{ cluster: 'b', replicas: 1 }] });
    expect(lastWork(history, 'a')).toBe('WorkWithdrawn');
  });

  it('lets jobs run to their end, and starts what is left elsewhere only when it is removed', () => {
    const history = clusters('a', 'b');
    const batch = workload('batch', { replicas: 2, ...cpu, restartPolicy: 'Never' });
    history.create(batch);
    history.schedule();
    drain(history, 'a');
    after(history, DEFAULT_DRAIN_SECONDS - 1);
    expect(history.placed(batch)).toEqual({ a: 1, b: 1 });
    const before = history.entriesOf('WorkAssigned', workSubject('b')).length;
    after(history, 1);
    expect(history.placed(batch)).toEqual({ b: 2 });
    expect(lastWork(history, 'a')).toBe('WorkWithdrawn');
    history.removed('a', batch);
    history.schedule();
    expect(history.entriesOf('WorkAssigned', workSubject('b')).length).toBe(before + 1);
  });

  it('moves so many workloads at a time and no more', () => {
    const history = clusters('a');
    const jobs = Array.from({ length: DRAIN_AT_ONCE + 50 }, (_, index) => workload(`job-${index}`));
    history.create(...jobs);
    history.schedule();
    roomy(history, 'b');
    drain(history, 'a');
    history.schedule();
    expect(history.state.moving.size).toBe(DRAIN_AT_ONCE);
    for (const each of jobs.slice(0, 10)) history.report('b', each, 'RUNNING', 1);
    history.schedule();
    expect(history.state.moving.size).toBe(DRAIN_AT_ONCE);
    expect(history.entriesOf('WorkWithdrawn', workSubject('a'))).toHaveLength(10);
  });

  it('takes nothing new, and takes again when it is uncordoned', () => {
    const history = clusters('a', 'b');
    history.update(object('Cluster', 'a', { manager: 'k8', unschedulable: true }, { uid: 'uid-a' }));
    const web = workload('web', { replicas: 2, ...cpu });
    history.create(web);
    history.schedule();
    expect(history.placed(web)).toEqual({ b: 2 });
    expect(history.decisionOn(web)?.verdicts[0]).toMatchObject({ cluster: 'a', reason: 'CLUSTER_UNSCHEDULABLE' });
    history.update(object('Cluster', 'a', { manager: 'k8' }, { uid: 'uid-a' }));
    const next = workload('next', { replicas: 1, ...cpu });
    history.create(next);
    history.schedule();
    expect(history.placed(next)).toEqual({ a: 1 });
  });

  it('is decided the same way again from the log', () => {
    const history = clusters('a', 'b');
    const jobs: StoredObject[] = Array.from({ length: 20 }, (_, index) => workload(`job-${index}`, cpu));
    history.create(...jobs);
    history.schedule();
    drain(history, 'a');
    history.schedule();
    const again = history.replay();
    expect([...again.moving].sort()).toEqual([...history.state.moving].sort());
    expect(again.unissued.size).toBe(0);
    expect(again.undecided.size).toBe(0);
  });
});
