import { describe, expect, it } from '@jest/globals';
import { decisionSubject, workSubject } from '@skyflow/contracts';
import { Reason } from './reasons.js';
import { isWorkIssued, reconcileWork } from './reconcile-work.js';
import { decideReleases } from './releases.js';
import { OBJECTS_KEPT } from './waiting.js';
import { History, node, object, twoClusters, workload } from './testing/history.js';

const cpu = (amount: string) => ({ requests: { cpu: amount } });

describe('a workload that waits', () => {
  it('is tried again when capacity becomes free, oldest first', () => {
    const history = twoClusters();
    const filling = ['x', 'y'].map((name) => workload(name, { ...cpu('1900m'), restartPolicy: 'Never' }));
    const [first, second] = [workload('first', cpu('1')), workload('second', cpu('1'))];
    history.create(...filling, first, second);
    history.schedule();
    expect(history.decisionOn(first)).toMatchObject({ unplaced: 1 });
    const x = filling[0]!;
    history.report(Object.keys(history.placed(x))[0]!, x, 'COMPLETED');
    history.schedule();
    expect(history.decisionOn(first)).toMatchObject({ unplaced: 0 });
    expect(history.decisionOn(second)).toMatchObject({ unplaced: 1 });
  });

  it('is not decided again while nothing relevant changes', () => {
    const history = twoClusters();
    history.create(workload('huge', cpu('64')), workload('small', cpu('100m')));
    history.schedule();
    const entries = history.log.length;
    history.report('a', workload('small'), 'RUNNING');
    history.health('a', 'READY');
    history.observe('b', [node('b-1', { cpu: 2000 })]);
    history.schedule();
    expect(history.log).toHaveLength(entries + 3);
  });

  it('is placed when a cluster comes, becomes READY, grows or is labelled', () => {
    const history = new History();
    history.startEpoch();
    const jobs = [
      workload('any', { ...cpu('1'), placement: { clusters: ['a'] } }),
      workload('grown', { ...cpu('4'), placement: { clusters: ['b'] } }),
      workload('labelled', { placement: { clusterSelector: { matchLabels: { tier: 'gold' } } } }),
    ];
    const [any, grown, labelled] = jobs as [(typeof jobs)[0], (typeof jobs)[0], (typeof jobs)[0]];
    history.create(...jobs);
    history.schedule();
    history.cluster('a', [node('a-1', { cpu: 2000 })]);
    const b = history.cluster('b', [node('b-1', { cpu: 2000 })]);
    history.schedule();
    expect(history.placed(any)).toEqual({ a: 1 });
    expect(history.decisionOn(grown)).toMatchObject({ unplaced: 1, reason: Reason.INSUFFICIENT_RESOURCES });
    history.observe('b', [node('b-1', { cpu: 4000 })]);
    history.update({ ...b, metadata: { ...b.metadata, labels: { tier: 'gold' } } });
    history.schedule();
    expect(history.placed(grown)).toEqual({ b: 1 });
    expect(history.placed(labelled)).toEqual({ b: 1 });
  });

  it('does not keep its object where very many wait, and is issued whole when there is room', () => {
    const history = new History();
    history.startEpoch();
    const jobs = Array.from({ length: OBJECTS_KEPT + 1 }, (_, index) => workload(`job-${index}`, cpu('1')));
    for (const job of jobs) history.create(job);
    const kept = (): number => [...history.state.workloads.values()].filter((each) => each.object !== undefined).length;
    history.schedule(10_000);
    expect(kept()).toBe(0);
    history.cluster('a', [node('a-1', { cpu: 1000 })]);
    history.schedule();
    const [first] = jobs;
    expect(history.placed(first!)).toEqual({ a: 1 });
    expect(history.entriesOf('WorkAssigned').map(({ object: given }) => given)).toEqual([first]);
  }, 60_000);

  it('fills up a partial placement on top of what is there', () => {
    const history = twoClusters();
    const job = workload('job', { replicas: 3, ...cpu('1') });
    history.create(job);
    history.schedule();
    history.cluster('c', [node('c-1', { cpu: 2000 })]);
    history.schedule();
    expect(history.placed(job)).toEqual({ a: 1, b: 1, c: 1 });
    expect(history.entriesOf('WorkAssigned', workSubject('a'))).toHaveLength(1);
  });
});

describe('a placement that was made', () => {
  it('stays when the workload is scaled up, and gives from where it is most when scaled down', () => {
    const history = twoClusters();
    history.health('b', 'SUSPECT');
    const job = workload('job', { replicas: 4 });
    history.create(job);
    history.schedule();
    history.health('b', 'READY');
    history.update(workload('job', { replicas: 6, generation: 2 }));
    history.schedule();
    expect(history.placed(job)).toEqual({ a: 4, b: 2 });
    history.update(workload('job', { replicas: 3, generation: 3 }));
    history.schedule();
    expect(history.placed(job)).toEqual({ a: 2, b: 1 });
    history.update(workload('job', { replicas: 0, generation: 4 }));
    history.schedule();
    expect(history.placed(job)).toEqual({});
    expect(history.entriesOf('WorkWithdrawn')).toHaveLength(2);
  });

  it('stays through a change of the template, whose generation reaches the clusters', () => {
    const history = twoClusters();
    const job = workload('job', { replicas: 2, ...cpu('500m') });
    history.create(job);
    history.schedule();
    history.update(workload('job', { replicas: 2, ...cpu('700m'), generation: 2 }));
    history.schedule();
    expect(history.placed(job)).toEqual({ a: 1, b: 1 });
    expect(history.entriesOf('WorkAssigned', workSubject('a')).map(({ generation }) => generation)).toEqual([1, 2]);
  });

  it('stays when its cluster shrinks or goes silent', () => {
    const history = twoClusters();
    const job = workload('job', { replicas: 2, ...cpu('1') });
    history.create(job);
    history.schedule();
    history.observe('a', [node('a-1', { cpu: 500 })]);
    history.health('b', 'LOST');
    history.schedule();
    expect(history.entriesOf('PlacementDecided')).toHaveLength(1);
  });

  it('moves when the user excludes its cluster', () => {
    const history = twoClusters();
    const job = workload('job', cpu('1'));
    history.create(job);
    history.schedule();
    expect(history.placed(job)).toEqual({ a: 1 });
    history.update(workload('job', { ...cpu('1'), placement: { clusters: ['b'] }, generation: 2 }));
    history.schedule();
    expect(history.placed(job)).toEqual({ b: 1 });
    expect(history.entriesOf('WorkWithdrawn', workSubject('a'))).toHaveLength(1);
  });

  it('holds its capacity until the cluster says that it is gone', () => {
    const history = twoClusters();
    history.health('b', 'LOST');
    const [first, second] = [workload('first', cpu('1500m')), workload('second', cpu('1500m'))];
    history.create(first, second);
    history.schedule();
    history.delete(first);
    history.schedule();
    expect(history.decisionOn(second)).toMatchObject({ unplaced: 1 });
    history.removed('a', first);
    history.schedule();
    expect(history.decisionOn(second)).toMatchObject({ unplaced: 0 });
  });
});

describe('the work for a cluster', () => {
  it('carries the ConfigMaps and Secrets that the pods refer to, and is issued again when one changes', () => {
    const history = twoClusters();
    const inDefault = { namespace: 'default' };
    const map = object('ConfigMap', 'settings', {}, inDefault);
    const job = workload('job', {
      podSpec: { volumes: [{ configMap: { name: 'settings' } }, { secret: { secretName: 'missing' } }] },
    });
    history.create(map, object('ConfigMap', 'other', {}, inDefault), job);
    history.schedule();
    expect(history.entriesOf('WorkAssigned').map(({ dependencies }) => dependencies)).toEqual([[map]]);
    const changed = { ...map, data: { key: 'value' } };
    history.update(changed);
    history.schedule();
    history.delete(changed);
    history.schedule();
    expect(history.entriesOf('WorkAssigned').map(({ dependencies }) => dependencies)).toEqual([
      [map],
      [changed],
      undefined,
    ]);
    expect(history.entriesOf('PlacementDecided')).toHaveLength(1);
  });

  it('is withdrawn when the workload is deleted, which is released once nothing is left of it', () => {
    const history = twoClusters();
    const job = workload('job', { replicas: 2 });
    history.create(job);
    history.schedule();
    history.delete(job);
    history.schedule();
    expect(history.entriesOf('WorkWithdrawn')).toHaveLength(2);
    history.removed('a', job);
    history.schedule();
    expect(history.entriesOf('ObjectReleased')).toHaveLength(0);
    history.removed('b', job);
    history.schedule();
    expect(history.entriesOf('ObjectReleased').map(({ ref }) => ref.uid)).toEqual(['uid-job']);
    expect(history.state.workloads.size).toBe(0);
    expect(history.state.shapes.size).toBe(0);
  });

  it('is withdrawn for a workload deleted by force, which nobody waits for', () => {
    const history = twoClusters();
    const job = workload('job');
    history.create(job);
    history.schedule();
    history.delete(job, true);
    history.schedule();
    expect(history.entriesOf('WorkWithdrawn')).toHaveLength(1);
    history.removed('a', job);
    expect(history.state.workloads.size).toBe(0);
    expect(history.entriesOf('ObjectReleased')).toHaveLength(0);
  });

  it('is released at once for a workload that was never placed', () => {
    const history = twoClusters();
    const job = workload('job', cpu('64'));
    history.create(job);
    history.schedule();
    history.delete(job);
    history.schedule();
    expect(history.entriesOf('ObjectReleased')).toHaveLength(1);
  });

  it('is withdrawn where it was being assigned while the workload was deleted and let go of', () => {
    const history = twoClusters();
    const job = workload('job', { replicas: 2 });
    history.create(job);
    history.decide();
    const assigned = reconcileWork(history.state, { epoch: history.epoch, workloads: 10 });
    history.delete(job);
    // As another scheduler decides it, which cannot know of what is on the way.
    const released = decideReleases(history.state, history.epoch, 10);
    expect(released.map(({ data }) => data.ref.uid)).toEqual(['uid-job']);
    expect(decideReleases(history.state, history.epoch, 10, new Set(['uid-job']))).toEqual([]);
    for (const [cluster, drafts] of assigned) history.append(workSubject(cluster), ...drafts);
    history.append(decisionSubject('scheduler'), ...released);
    expect(isWorkIssued(history.state)).toBe(false);
    history.schedule();
    const withdrawn = ['a', 'b'].map((cluster) => history.entriesOf('WorkWithdrawn', workSubject(cluster)));
    expect(withdrawn.map((entries) => entries.map(({ ref }) => ref.uid))).toEqual([['uid-job'], ['uid-job']]);
    expect(isWorkIssued(history.state)).toBe(true);
  });

  it('takes namespaces away where they were used, once nothing is left in them', () => {
    const history = twoClusters();
    const team = object('Namespace', 'team');
    const job = workload('job', { namespace: 'team', placement: { clusters: ['b'] } });
    history.create(team, job);
    history.schedule();
    history.delete(team);
    history.delete(job);
    history.schedule();
    expect(history.entriesOf('NamespaceWithdrawn')).toEqual([]);
    history.removed('b', job);
    history.schedule();
    expect(history.entriesOf('NamespaceWithdrawn', workSubject('b'))).toEqual([{ epoch: 1, namespace: 'team' }]);
    expect(history.entriesOf('NamespaceWithdrawn')).toHaveLength(1);
    expect(history.state.namespaces.size).toBe(0);
    expect(history.state.deletedNamespaces.size).toBe(0);
  });

  it('is withdrawn when it was assigned for a workload that nobody knows', () => {
    const history = twoClusters();
    const data = { epoch: 1, decision: 5, generation: 1, replicas: 1, object: workload('ghost') };
    history.append(workSubject('a'), { type: 'WorkAssigned', data });
    history.schedule();
    expect(history.entriesOf('WorkWithdrawn', workSubject('a'))).toMatchObject([{ decision: 5 }]);
  });
});

describe('a cluster that is deleted', () => {
  it('is vacated, and released when its agent has reported everything as removed', () => {
    const history = twoClusters();
    const job = workload('job', { replicas: 2, ...cpu('500m') });
    history.create(job);
    history.schedule();
    history.delete(object('Cluster', 'a'));
    history.schedule();
    expect(history.placed(job)).toEqual({ b: 2 });
    expect(history.entriesOf('WorkWithdrawn', workSubject('a'))).toHaveLength(1);
    expect(history.entriesOf('ObjectReleased')).toHaveLength(0);
    history.removed('a', job);
    history.schedule();
    expect(history.entriesOf('ObjectReleased').map(({ ref }) => ref.name)).toEqual(['a']);
    expect(history.state.clusters.has('a')).toBe(false);
  });

  it('lets its replicas wait when there is room nowhere else', () => {
    const history = twoClusters();
    const job = workload('job', { replicas: 2, ...cpu('1') });
    history.create(job);
    history.schedule();
    history.delete(object('Cluster', 'a'));
    history.schedule();
    expect(history.decisionOn(job)).toMatchObject({ placements: [{ cluster: 'b', replicas: 1 }], unplaced: 1 });
  });

  it('is released when it is LOST or was never READY, once the withdrawals are in the log', () => {
    const history = twoClusters();
    const job = workload('job', cpu('1'));
    const fresh = object('Cluster', 'fresh');
    history.create(job, fresh);
    history.schedule();
    history.delete(fresh);
    history.health('a', 'LOST');
    history.delete(object('Cluster', 'a'));
    history.schedule();
    expect(history.entriesOf('WorkWithdrawn', workSubject('a'))).toHaveLength(1);
    expect(history.entriesOf('ObjectReleased').map(({ ref }) => ref.name)).toEqual(['fresh', 'a']);
    expect(history.placed(job)).toEqual({ b: 1 });
  });

  it('does not block, when it is LOST, on workloads that are being deleted too', () => {
    const history = twoClusters();
    const job = workload('job', cpu('1'));
    history.create(job);
    history.schedule();
    history.delete(job);
    history.health('a', 'LOST');
    history.delete(object('Cluster', 'a'));
    history.schedule();
    expect(history.entriesOf('ObjectReleased').map(({ ref }) => ref.name)).toEqual(['a', 'job']);
  });

  it('can come back under its name, after force too, and starts without the old work', () => {
    const history = twoClusters();
    const job = workload('job', { ...cpu('1'), placement: { clusters: ['a'] } });
    history.create(job);
    history.schedule();
    history.delete(object('Cluster', 'a'), true);
    history.schedule();
    expect(history.decisionOn(job)).toMatchObject({ placements: [], unplaced: 1 });
    expect(history.entriesOf('WorkWithdrawn', workSubject('a'))).toHaveLength(1);
    history.create(object('Cluster', 'a', {}, { uid: 'uid-a2' }));
    history.observe('a', [node('a-1', { cpu: 2000 })]);
    history.health('a', 'READY', 'uid-a2');
    history.schedule();
    expect(history.placed(job)).toEqual({ a: 1 });
    expect(history.entriesOf('WorkAssigned', workSubject('a'))).toHaveLength(2);
  });

  it('does not run again what has run to its end there', () => {
    const history = twoClusters();
    const job = workload('job', { replicas: 2, ...cpu('1'), restartPolicy: 'Never' });
    history.create(job);
    history.schedule();
    history.report('a', job, 'COMPLETED');
    history.delete(object('Cluster', 'a'));
    history.schedule();
    expect(history.placed(job)).toEqual({ a: 1, b: 1 });
    history.removed('a', job);
    history.schedule();
    expect(history.state.clusters.has('a')).toBe(false);
    expect(history.entriesOf('PlacementDecided')).toHaveLength(1);
  });
});

describe('what was deleted and is only kept by finalizers', () => {
  it('does not come back when it is changed yet: neither a workload nor a cluster, a queue, a policy, a ConfigMap', () => {
    const history = twoClusters();
    const job = workload('kept', cpu('100m'));
    const queue = object('Queue', 'kept', {});
    const policy = object('PlacementPolicy', 'kept', { workloadSelector: {} }, { namespace: 'default' });
    const config = object('ConfigMap', 'kept', undefined, { namespace: 'default' });
    history.create(job, queue, policy, config);
    const cluster = history.cluster('c', [node('c-1', { cpu: 2000 })]);
    history.schedule();
    for (const each of [job, queue, policy, config, cluster]) history.delete(each, true);
    history.schedule();
    for (const each of [job, queue, policy, config, cluster]) {
      history.update({ ...each, metadata: { ...each.metadata, labels: { changed: 'yes' } } });
    }
    history.schedule();
    const { workloads, clusters, queues, policies, dependencies } = history.state;
    expect([...clusters.keys()]).toEqual(['a', 'b']);
    expect([workloads.size, queues.size, policies.size, dependencies.size]).toEqual([0, 0, 0, 0]);
  });

  it('is a namespace that goes, whatever label it gets', () => {
    const history = twoClusters();
    const namespace = object('Namespace', 'team');
    history.create(namespace);
    history.delete(namespace);
    history.update({ ...namespace, metadata: { ...namespace.metadata, labels: { changed: 'yes' } } });
    expect(history.state.deletedNamespaces.has('team') || !history.state.namespaces.has('team')).toBe(true);
  });
});

describe('a batch job', () => {
  it('gives all its completions to what is placed, and later replicas only speed that up', () => {
    const history = twoClusters();
    history.health('b', 'LOST');
    const job = workload('job', { replicas: 3, ...cpu('1'), restartPolicy: 'OnFailure', spec: { completions: 7 } });
    history.create(job);
    history.schedule();
    expect(history.decisionOn(job)?.placements).toEqual([{ cluster: 'a', replicas: 1, completions: 7 }]);
    history.health('b', 'READY');
    history.schedule();
    expect(history.decisionOn(job)?.placements).toEqual([{ cluster: 'a', replicas: 1, completions: 7 }]);
    history.observe('a', [node('a-1', { cpu: 4000 })]);
    history.schedule();
    expect(history.decisionOn(job)?.placements).toEqual([{ cluster: 'a', replicas: 3, completions: 7 }]);
  });

  it('moves the completions of a cluster that goes, and only those', () => {
    const history = twoClusters();
    const job = workload('job', { replicas: 2, ...cpu('500m'), restartPolicy: 'Never', spec: { completions: 5 } });
    history.create(job);
    history.schedule();
    history.cluster('c', [node('c-1', { cpu: 16000 })]);
    history.delete(object('Cluster', 'b'));
    history.schedule();
    expect(history.decisionOn(job)?.placements).toEqual([
      { cluster: 'a', replicas: 1, completions: 3 },
      { cluster: 'c', replicas: 1, completions: 2 },
    ]);
  });

  it('frees what it held when it fails or completes', () => {
    const history = twoClusters();
    const job = workload('job', { replicas: 2, ...cpu('1500m'), restartPolicy: 'Never' });
    history.create(job);
    history.schedule();
    history.report('a', job, 'FAILED');
    history.report('b', job, 'COMPLETED');
    const next = workload('next', { replicas: 2, ...cpu('1500m') });
    history.create(next);
    history.schedule();
    expect(history.placed(next)).toEqual({ a: 1, b: 1 });
  });
});

describe('epochs', () => {
  it('make decisions of an older scheduler count for nothing', () => {
    const history = twoClusters();
    const job = workload('job');
    history.create(job);
    history.startEpoch(3);
    history.epoch = 2;
    history.decide();
    expect(history.state.workloads.get('uid-job')?.decision).toBeUndefined();
    history.epoch = 3;
    history.schedule();
    expect(history.state.workloads.get('uid-job')?.decision).toBeDefined();
  });

  it('do not hide stale work that an agent acts on: it is withdrawn', () => {
    const history = twoClusters();
    const job = workload('job', { placement: { clusters: ['a'] } });
    history.create(job);
    history.startEpoch(2);
    history.schedule();
    const stale = { epoch: 1, decision: 1, generation: 1, replicas: 1, object: job };
    history.append(workSubject('b'), { type: 'WorkAssigned', data: stale });
    history.schedule();
    expect(history.entriesOf('WorkWithdrawn', workSubject('b'))).toMatchObject([{ epoch: 2, ref: { uid: 'uid-job' } }]);
  });
});
