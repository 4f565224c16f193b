import { describe, expect, it } from '@jest/globals';
import { SCHEDULING_CODE } from './decide-workload.js';
import { Reason } from './reasons.js';
import { History, node, object, twoClusters, workload } from './testing/history.js';

const GIB = 1024 ** 3;

describe('placing a workload', () => {
  it("divides the walk-through's two replicas of one core over two clusters with 1.93 cores free", () => {
    const history = twoClusters();
    const hello = workload('hello', { replicas: 2, requests: { cpu: '1' } });
    history.create(hello);
    history.schedule();
    expect(history.placed(hello)).toEqual({ a: 1, b: 1 });
    expect(history.decisionOn(hello)).toMatchObject({ unplaced: 0, generation: 1, code: SCHEDULING_CODE });
  });

  it('spreads a workload that requests nothing evenly, whatever else is running', () => {
    const history = twoClusters();
    history.create(workload('other', { requests: { cpu: '1500m' } }));
    history.schedule();
    const idle = workload('idle', { replicas: 10 });
    history.create(idle);
    history.schedule();
    expect(history.placed(idle)).toEqual({ a: 5, b: 5 });
  });

  it('balances many small workloads over the clusters by what they use', () => {
    const history = twoClusters();
    for (let i = 0; i < 10; i++) history.create(workload(`job-${i}`, { requests: { cpu: '100m' } }));
    history.schedule();
    const counts = history.entriesOf('PlacementDecided').flatMap(({ placements }) => placements.map((p) => p.cluster));
    expect(counts.filter((cluster) => cluster === 'a')).toHaveLength(5);
  });

  it('fits by nodes and not by sums', () => {
    const history = new History();
    history.startEpoch();
    history.cluster('a', [node('a-1', { cpu: 1000 }), node('a-2', { cpu: 1000 })]);
    const big = workload('big', { requests: { cpu: '1500m' } });
    history.create(big);
    history.schedule();
    expect(history.decisionOn(big)).toMatchObject({
      placements: [],
      unplaced: 1,
      reason: Reason.INSUFFICIENT_RESOURCES,
    });
  });

  it('promises nothing twice within a burst', () => {
    const history = twoClusters();
    for (let i = 0; i < 20; i++) history.create(workload(`job-${i}`, { requests: { cpu: '500m' } }));
    history.schedule();
    const placed = history.entriesOf('PlacementDecided').filter(({ unplaced }) => unplaced === 0);
    expect(placed).toHaveLength(6);
  });

  it('places what fits and says what waits, with the numbers', () => {
    const history = twoClusters();
    const job = workload('job', { replicas: 5, requests: { cpu: '1' } });
    history.create(job);
    history.schedule();
    expect(history.placed(job)).toEqual({ a: 1, b: 1 });
    expect(history.decisionOn(job)).toMatchObject({ unplaced: 3, reason: Reason.INSUFFICIENT_RESOURCES });
    expect(history.decisionOn(job)?.message).toBe(
      'a: needs 1000m cpu per replica, the largest node has 930m free; b: needs 1000m cpu per replica, the largest node has 930m free',
    );
  });

  it('says so when a replica is larger than any node', () => {
    const history = twoClusters();
    const huge = workload('huge', { requests: { cpu: '3', memory: '1Gi' } });
    history.create(huge);
    history.schedule();
    expect(history.decisionOn(huge)?.message).toBe(
      'would fit on no node of any cluster even when empty; the largest is 2000m cpu, 4Gi memory (a: needs 3000m cpu per replica, the largest node has 1930m free; b: needs 3000m cpu per replica, the largest node has 1930m free)',
    );
  });

  it('waits with a reason while there is no cluster, none is ready, none is allowed', () => {
    const history = new History();
    history.startEpoch();
    const job = workload('job');
    history.create(job);
    history.schedule();
    expect(history.decisionOn(job)).toMatchObject({ unplaced: 1, reason: Reason.NO_CLUSTERS });
    history.create(object('Cluster', 'a'));
    history.schedule();
    expect(history.decisionOn(job)).toMatchObject({ unplaced: 1, reason: Reason.CLUSTER_NOT_READY });
    expect(history.decisionOn(job)?.message).toContain('a: the cluster is INIT: no agent has reported yet');
    const picky = workload('picky', { placement: { clusters: ['elsewhere'] } });
    history.create(picky);
    history.schedule();
    expect(history.decisionOn(picky)).toMatchObject({ unplaced: 1, reason: Reason.NO_CLUSTER_MATCHES });
    expect(history.decisionOn(picky)?.verdicts).toEqual([
      {
        cluster: 'a',
        plugin: 'PlacementClusters',
        reason: Reason.NOT_IN_PLACEMENT,
        message: 'placement.clusters allows only elsewhere',
      },
    ]);
  });

  it('goes only to clusters that the placement allows, and records why of each', () => {
    const history = new History();
    history.startEpoch();
    history.cluster('a', [node('a-1', { cpu: 8000 })], { tier: 'gold' });
    history.cluster('b', [node('b-1', { cpu: 8000 })], { tier: 'iron' });
    history.cluster('c', [node('c-1', { cpu: 8000 })]);
    const job = workload('job', { replicas: 4, placement: { clusterSelector: { matchLabels: { tier: 'iron' } } } });
    history.create(job);
    history.schedule();
    expect(history.placed(job)).toEqual({ b: 4 });
    expect(history.decisionOn(job)?.verdicts.map(({ cluster, reason, fits }) => [cluster, reason ?? fits])).toEqual([
      ['a', Reason.LABELS_DO_NOT_MATCH],
      ['b', 110],
      ['c', Reason.LABELS_DO_NOT_MATCH],
    ]);
  });

  it('respects taints, node selectors and extended resources', () => {
    const history = new History();
    history.startEpoch();
    const taints = [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }];
    history.cluster('a', [node('a-1', { cpu: 8000 }, { taints })]);
    history.cluster('b', [node('b-1', { cpu: 8000, 'nvidia.com/gpu': 1 }, { labels: { zone: 'x' } })]);
    const plain = workload('plain', { replicas: 2, requests: { cpu: '1' } });
    const tolerant = workload('tolerant', {
      requests: { cpu: '1' },
      placement: { clusters: ['a'] },
      podSpec: { tolerations: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }] },
    });
    const zoned = workload('zoned', { podSpec: { nodeSelector: { zone: 'y' } }, placement: { clusters: ['b'] } });
    const gpu = workload('gpu', { replicas: 2, requests: { 'nvidia.com/gpu': '1' } });
    history.create(plain, tolerant, zoned, gpu);
    history.schedule();
    expect(history.placed(plain)).toEqual({ b: 2 });
    expect(history.placed(tolerant)).toEqual({ a: 1 });
    expect(history.decisionOn(zoned)).toMatchObject({ unplaced: 1, reason: Reason.NO_NODE_MATCHES });
    expect(history.decisionOn(gpu)).toMatchObject({ placements: [{ cluster: 'b', replicas: 1 }], unplaced: 1 });
  });

  it('refuses requests that cannot be read until the workload is changed, and never throws', () => {
    const history = twoClusters();
    const odd = workload('odd', { requests: { cpu: 'lots' } });
    history.create(odd, object('Job', 'empty', undefined, { namespace: 'default' }));
    history.schedule();
    expect(history.decisionOn(odd)).toMatchObject({ unplaced: 1, reason: Reason.INVALID_REQUESTS });
    expect(history.decisionOn(odd)?.message).toContain('quantity "lots"');
    history.update(workload('odd', { requests: { cpu: '1' }, generation: 2 }));
    history.schedule();
    expect(history.decisionOn(odd)).toMatchObject({ unplaced: 0, generation: 2 });
  });

  it('gives nothing new to clusters that are not READY', () => {
    const history = twoClusters();
    history.health('a', 'SUSPECT');
    const job = workload('job', { replicas: 2 });
    history.create(job);
    history.schedule();
    expect(history.placed(job)).toEqual({ b: 2 });
  });

  it('keeps an indexed job whole, and divides the completions of others exactly', () => {
    const history = new History();
    history.startEpoch();
    history.cluster('a', [node('a-1', { cpu: 4000, memory: GIB })]);
    history.cluster('b', [node('b-1', { cpu: 3000, memory: GIB })]);
    const batch = { restartPolicy: 'Never', requests: { cpu: '1' } } as const;
    const indexed = workload('indexed', { ...batch, replicas: 3, spec: { completionMode: 'Indexed', completions: 9 } });
    history.create(indexed);
    history.schedule();
    expect(history.decisionOn(indexed)?.placements).toEqual([{ cluster: 'a', replicas: 3, completions: 9 }]);
    const divided = workload('divided', { ...batch, replicas: 4, spec: { completions: 10 } });
    history.create(divided);
    history.schedule();
    const placements = history.decisionOn(divided)?.placements ?? [];
    expect(placements.map(({ cluster, replicas }) => [cluster, replicas])).toEqual([
      ['a', 1],
      ['b', 3],
    ]);
    expect(placements.map(({ completions }) => completions)).toEqual([3, 7]);
  });
});
