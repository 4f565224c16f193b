import { describe, expect, it } from '@jest/globals';
import type { StoredObject } from '@skyflow/contracts';
import { History, node, object, workload } from '../testing/history.js';
import { FAILBACK_AT_ONCE } from './decide-failback.js';
import { STUCK_MS } from './decide-unstick.js';
import { DEFAULT_STABILIZATION_SECONDS } from './moving-rules.js';

const cpu = { requests: { cpu: '1' } };
const soon = { failover: { graceSeconds: 1 } };

function clusters(...names: string[]): History {
  const history = new History();
  history.startEpoch();
  for (const name of names) history.cluster(name, [node(`${name}-1`, { cpu: 100_000, pods: 10_000 })]);
  return history;
}

/** Lets time pass in steps, with everything scheduled, and new replicas ready at once. */
function pass(history: History, seconds: number, step = 10): void {
  for (let left = seconds; left > 0; left -= step) {
    history.nowMs += Math.min(step, left) * 1000;
    history.schedule();
    reportReady(history);
    history.schedule();
  }
}

function reportReady(history: History): void {
  for (const record of [...history.state.workloads.values()]) {
    for (const share of record.shares) {
      const isUp = history.state.clusters.get(share.cluster)?.health.state === 'READY';
      if (!isUp) continue;
      if (share.work === 'withdrawing') history.removed(share.cluster, record.ref);
      else if (share.work === 'assigned' && share.ready !== share.carried.replicas) {
        const seen = object(record.ref.kind, record.ref.name, {}, { ...record.ref, generation: record.generation });
        history.report(share.cluster, seen, 'RUNNING', share.carried.replicas);
      }
    }
  }
}

function lose(history: History, name: string, forSeconds = 20): void {
  history.health(name, 'LOST');
  pass(history, forSeconds);
  history.health(name, 'READY');
}

describe('replicas that had to leave a cluster', () => {
  it('go back when it has been well for long enough, with enough of them ready all the time', () => {
    const history = clusters('a', 'b');
    const web = workload('web', { replicas: 4, ...cpu, placement: soon });
    history.create(web);
    pass(history, 10);
    lose(history, 'a');
    expect(history.placed(web)).toEqual({ b: 4 });
    pass(history, DEFAULT_STABILIZATION_SECONDS - 10);
    expect(history.placed(web)).toEqual({ b: 4 });
    pass(history, 20);
    expect(history.placed(web)).toEqual({ a: 2, b: 2 });
    const [back] = history.entriesOf('EvictionDecided').filter(({ cause }) => cause === 'Failback');
    expect(back).toMatchObject({ cluster: 'b', shares: [{ replicas: 2, to: 'a' }] });
    pass(history, 3_600);
    expect(history.entriesOf('EvictionDecided')).toHaveLength(2);
    expect(history.state.displaced.size).toBe(0);
  });

  it('wait longer for a cluster that comes and goes, however often it does', () => {
    const history = clusters('a', 'b');
    const web = workload('web', { replicas: 2, ...cpu, placement: soon });
    history.create(web);
    pass(history, 10);
    for (let i = 0; i < 3; i++) {
      lose(history, 'a');
      pass(history, DEFAULT_STABILIZATION_SECONDS - 60);
    }
    expect(history.placed(web)).toEqual({ b: 2 });
    pass(history, 60);
    expect(history.placed(web)).toEqual({ b: 2 });
    pass(history, 4 * DEFAULT_STABILIZATION_SECONDS);
    expect(history.placed(web)).toEqual({ a: 1, b: 1 });
    expect(history.entriesOf('EvictionDecided').filter(({ cause }) => cause === 'ClusterLost')).toHaveLength(1);
  });

  it('stay where they are if they say so, or fit no more; and go back at once from a drain', () => {
    const history = clusters('a', 'b');
    const settled = workload('settled', {
      replicas: 2,
      ...cpu,
      placement: { ...soon, failback: { mode: 'Never' } },
    });
    const eager = workload('eager', {
      replicas: 2,
      ...cpu,
      placement: { ...soon, failback: { stabilizationSeconds: 0 } },
    });
    history.create(settled, eager);
    pass(history, 10);
    const spec = { manager: 'k8', unschedulable: true, drain: {} };
    history.update(object('Cluster', 'a', spec, { uid: 'uid-a' }));
    pass(history, 30);
    expect([history.placed(settled), history.placed(eager)]).toEqual([{ b: 2 }, { b: 2 }]);
    history.update(object('Cluster', 'a', { manager: 'k8' }, { uid: 'uid-a' }));
    pass(history, 20);
    expect([history.placed(settled), history.placed(eager)]).toEqual([{ b: 2 }, { a: 1, b: 1 }]);
    pass(history, 7_200, 600);
    expect(history.placed(settled)).toEqual({ b: 2 });
  });

  it('go back a few at a time', () => {
    const history = clusters('a');
    const jobs = Array.from({ length: 3 * FAILBACK_AT_ONCE }, (_, index) =>
      workload(`job-${index}`, { placement: { ...soon, failback: { stabilizationSeconds: 0 } } }),
    );
    history.create(...jobs);
    history.schedule();
    history.cluster('b', [node('b-1', { cpu: 100_000, pods: 10_000 })]);
    history.schedule();
    history.health('a', 'LOST');
    history.nowMs += 2_000;
    history.schedule();
    expect(history.state.displaced.get('a')?.size).toBe(jobs.length);
    history.health('a', 'READY');
    history.schedule();
    expect(history.state.moving.size).toBe(FAILBACK_AT_ONCE);
    pass(history, 60);
    expect(history.state.displaced.size).toBe(0);
    expect(jobs.every((each) => history.placed(each).a === 1)).toBe(true);
  });
});

describe('a taint that does not let stay', () => {
  const taint = (history: History, name: string): void =>
    history.update(
      object('Cluster', name, { manager: 'k8', taints: [{ key: 'old', effect: 'NoExecute' }] }, { uid: `uid-${name}` }),
    );

  it('moves what does not tolerate it, when its time is over, and nothing else', () => {
    const history = clusters('a', 'b');
    const tolerating = (seconds?: number) => ({
      tolerations: [{ key: 'old', ...(seconds !== undefined && { tolerationSeconds: seconds }) }],
    });
    const plain = workload('plain', { replicas: 2, ...cpu });
    const patient = workload('patient', { replicas: 2, ...cpu, placement: tolerating(60) });
    const tough = workload('tough', { replicas: 2, ...cpu, placement: tolerating() });
    const batch = workload('batch', { replicas: 2, ...cpu, restartPolicy: 'Never' });
    history.create(plain, patient, tough, batch);
    pass(history, 10);
    taint(history, 'a');
    pass(history, 20);
    expect([plain, patient, tough, batch].map((each) => history.placed(each).a)).toEqual([undefined, 1, 1, undefined]);
    expect(history.entriesOf('EvictionDecided')[0]?.message).toContain('old:NoExecute');
    pass(history, 60);
    expect([patient, tough].map((each) => history.placed(each).a)).toEqual([undefined, 1]);
  });
});

describe('replicas that their cluster finds no node for', () => {
  const stuck = (history: History, cluster: string, of: StoredObject): void => {
    const counts = { replicas: 2, ready: 0, running: 0, pending: 2, succeeded: 0, failed: 0 };
    const ref = { kind: 'Job', namespace: 'default', name: of.metadata.name, uid: of.metadata.uid };
    history.append(`sky.obs.${cluster}`, {
      type: 'WorkObserved',
      data: { ref, generation: 1, epoch: 1, phase: 'PENDING', reason: 'Unschedulable', ...counts },
    });
  };

  it('are given to another cluster after a while, and do not wander', () => {
    const history = clusters('a', 'b');
    const web = workload('web', { replicas: 2, ...cpu, placement: { clusters: ['a'] } });
    history.create(web);
    history.schedule();
    history.update(workload('web', { replicas: 2, ...cpu, generation: 2 }));
    history.schedule();
    stuck(history, 'a', web);
    history.nowMs += STUCK_MS - 1;
    history.schedule();
    expect(history.placed(web)).toEqual({ a: 2 });
    history.nowMs += 1;
    history.schedule();
    expect(history.placed(web)).toEqual({ b: 2 });
    stuck(history, 'b', web);
    history.nowMs += 10 * STUCK_MS;
    history.schedule();
    expect(history.placed(web)).toEqual({ b: 2 });
  });
});

describe('policies', () => {
  it('say what becomes of replicas for the workloads that they select, which may say it themselves', () => {
    const history = clusters('a', 'b');
    history.create(
      object(
        'PlacementPolicy',
        'careful',
        { workloadSelector: {}, failover: { mode: 'Never' } },
        { namespace: 'default' },
      ),
    );
    const governed = workload('governed', { replicas: 2, ...cpu });
    const own = workload('own', { replicas: 2, ...cpu, placement: soon });
    history.create(governed, own);
    pass(history, 10);
    history.health('a', 'LOST');
    pass(history, 3_600, 60);
    expect([history.placed(governed), history.placed(own)]).toEqual([{ a: 1, b: 1 }, { b: 2 }]);
  });

  it('that are edited move replicas gracefully', () => {
    const history = clusters('a', 'b');
    const policy = (clusters: string[]) =>
      object('PlacementPolicy', 'where', { workloadSelector: {}, clusters }, { namespace: 'default' });
    history.create(policy(['a']));
    const web = workload('web', { replicas: 2, ...cpu });
    history.create(web);
    pass(history, 10);
    expect(history.placed(web)).toEqual({ a: 2 });
    history.update(policy(['b']));
    history.schedule();
    expect(history.decisionOn(web)).toMatchObject({
      placements: [{ cluster: 'b', replicas: 2 }],
      leaving: [{ replicas: 2 }],
    });
    expect(history.entriesOf('WorkWithdrawn')).toHaveLength(0);
    pass(history, 20);
    expect(history.entriesOf('WorkWithdrawn')).toHaveLength(1);
    expect(history.state.moving.size).toBe(0);
  });
});
