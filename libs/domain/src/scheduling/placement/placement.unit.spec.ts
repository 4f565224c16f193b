import { describe, expect, it } from '@jest/globals';
import type { ClusterSpec, WorkloadPlacement } from '@skyflow/contracts';
import { Reason } from '../reasons.js';
import { History, node, object, policy, workload } from '../testing/history.js';

interface Member {
  cores?: number;
  labels?: Record<string, string>;
  spec?: Partial<ClusterSpec>;
}

/** READY clusters of one node each; default 8 cores. */
function fleet(members: Record<string, Member>): History {
  const history = new History();
  history.startEpoch();
  for (const [name, { cores = 8, labels = {}, spec = {} }] of Object.entries(members)) {
    history.cluster(name, [node(`${name}-1`, { cpu: cores * 1000 })], labels, spec);
  }
  return history;
}

/** A job of one core per replica. */
const job = (name: string, replicas: number, placement: WorkloadPlacement, more: object = {}) =>
  workload(name, { replicas, requests: { cpu: '1' }, placement, ...more });

function place(history: History, replicas: number, placement: WorkloadPlacement) {
  const placed = job('job', replicas, placement);
  history.create(placed);
  history.schedule();
  return { placed: history.placed(placed), decision: history.decisionOn(placed), job: placed };
}

const verdictOn = (decision: ReturnType<History['decisionOn']>, cluster: string): string => {
  const verdict = decision?.verdicts.find((each) => each.cluster === cluster);
  return `${verdict?.plugin ?? ''} ${verdict?.reason ?? ''}: ${verdict?.message ?? ''}`;
};

describe('which clusters a placement allows', () => {
  const world = (): History =>
    fleet({
      a: { labels: { tier: 'gold', gpus: '8' }, spec: { provider: 'aws', region: 'eu' } },
      b: { labels: { tier: 'iron', 'topology.kubernetes.io/region': 'us' } },
      c: { labels: { gpus: '2' }, spec: { provider: 'onprem' } },
    });

  it.each<[string, WorkloadPlacement, string[]]>([
    ['names', { clusters: ['a', 'c'] }, ['a', 'c']],
    ['names but not', { excludeClusters: ['a'] }, ['b', 'c']],
    ['In', expressions({ key: 'tier', operator: 'In', values: ['gold', 'silver'] }), ['a']],
    ['NotIn, also without the label', expressions({ key: 'tier', operator: 'NotIn', values: ['gold'] }), ['b', 'c']],
    ['Exists', expressions({ key: 'gpus', operator: 'Exists' }), ['a', 'c']],
    ['DoesNotExist', expressions({ key: 'gpus', operator: 'DoesNotExist' }), ['b']],
    ['Gt', expressions({ key: 'gpus', operator: 'Gt', values: ['2'] }), ['a']],
    ['Lt', expressions({ key: 'gpus', operator: 'Lt', values: ['8'] }), ['c']],
    ['a field of the spec', fields({ key: 'provider', operator: 'In', values: ['aws', 'gcp'] }), ['a']],
    ['a field of a label', fields({ key: 'region', operator: 'In', values: ['us'] }), ['b']],
    ['a version', fields({ key: 'kubernetesVersion', operator: 'In', values: ['1.36'] }), ['a', 'b', 'c']],
    ['a later version', fields({ key: 'kubernetesVersion', operator: 'Gt', values: ['1.36'] }), []],
    [
      'one of the required terms',
      {
        clusterAffinity: {
          required: [{ matchLabels: { tier: 'iron' } }, { matchFields: [{ key: 'provider', operator: 'Exists' }] }],
        },
      },
      ['a', 'b', 'c'],
    ],
  ])('%s', (_, placement, allowed) => {
    const { placed } = place(world(), 18, placement);
    expect(Object.keys(placed)).toEqual(allowed);
  });

  it('says of each cluster which rule refused it, with the values', () => {
    const placement: WorkloadPlacement = {
      excludeClusters: ['a'],
      clusterSelector: { matchFields: [{ key: 'region', operator: 'In', values: ['us'] }] },
      clusterAffinity: { required: [{ matchLabels: { tier: 'gold' } }] },
    };
    const { decision } = place(world(), 1, placement);
    expect(decision).toMatchObject({ unplaced: 1, reason: Reason.NO_CLUSTER_MATCHES });
    expect(verdictOn(decision, 'a')).toBe('PlacementSets EXCLUDED: placement.excludeClusters names it');
    expect(verdictOn(decision, 'b')).toBe(
      'ClusterAffinity AFFINITY_DOES_NOT_MATCH: placement.clusterAffinity.required[0] asks for tier=gold, the cluster has tier=iron',
    );
    expect(verdictOn(decision, 'c')).toBe(
      'PlacementSets FIELDS_DO_NOT_MATCH: placement.clusterSelector asks for region In (us), its region is not known',
    );
  });

  it('takes the region of the nodes where they agree', () => {
    const history = new History();
    history.startEpoch();
    const inEu = { labels: { 'topology.kubernetes.io/region': 'eu' } };
    history.cluster('a', [node('a-1', { cpu: 8000 }, inEu), node('a-2', { cpu: 8000 }, inEu)]);
    history.cluster('b', [node('b-1', { cpu: 8000 }, inEu), node('b-2', { cpu: 8000 })]);
    expect(place(history, 1, fields({ key: 'region', operator: 'In', values: ['eu'] })).placed).toEqual({ a: 1 });
  });

  it('prefers by weight until what is preferred is full', () => {
    const preferred = [
      { weight: 80, preference: { matchLabels: { tier: 'gold' } } },
      { weight: 20, preference: { matchLabels: { tier: 'iron' } } },
    ];
    expect(place(world(), 10, { clusterAffinity: { preferred } }).placed).toEqual({ a: 8, b: 2 });
  });
});

describe('taints of clusters', () => {
  const spot = { key: 'spot', value: 'true', effect: 'NoSchedule' } as const;

  it('keep away what does not tolerate them, workloads without placement too', () => {
    const history = fleet({ a: { spec: { taints: [spot] } }, b: {} });
    const plain = workload('plain', { replicas: 2 });
    history.create(plain);
    history.schedule();
    expect(history.placed(plain)).toEqual({ b: 2 });
    expect(verdictOn(history.decisionOn(plain), 'a')).toBe(
      'ClusterTaints TAINT_NOT_TOLERATED: the cluster has the taint spot=true:NoSchedule, and no toleration matches it',
    );
    const tolerations = [{ key: 'spot', operator: 'Exists' as const }];
    expect(Object.keys(place(history, 10, { tolerations }).placed)).toEqual(['a', 'b']);
  });

  it('are disliked when they are PreferNoSchedule', () => {
    const history = fleet({ a: { spec: { taints: [{ ...spot, effect: 'PreferNoSchedule' }] } }, b: {} });
    expect(place(history, 8, {}).placed).toEqual({ b: 8 });
  });
});

describe('policies', () => {
  it('add up what they restrict, of the one that is named and those that select', () => {
    const history = fleet({ a: {}, b: {}, c: {}, d: {} });
    history.create(
      policy('team', { excludeClusters: ['a'], workloadSelector: { matchLabels: { app: 'web' } } }),
      policy('named', { clusters: ['a', 'b', 'c'] }),
      policy('other', { clusters: ['d'], workloadSelector: { matchLabels: { app: 'db' } } }),
    );
    const web = job('web', 9, { policy: 'named' }, { labels: { app: 'web' } });
    history.create(web);
    history.schedule();
    expect(Object.keys(history.placed(web))).toEqual(['b', 'c']);
    expect(verdictOn(history.decisionOn(web), 'a')).toBe(
      'PlacementSets EXCLUDED: policy team.excludeClusters names it',
    );
    expect(verdictOn(history.decisionOn(web), 'd')).toContain('policy named.clusters allows only a, b, c');
  });

  it('give what can be said once to the workload first, then to the named one, then by priority and name', () => {
    const divided = (placement: WorkloadPlacement, ...policies: Parameters<typeof policy>[]) => {
      const history = fleet({ a: {}, b: {} });
      history.create(...policies.map((each) => policy(...each)));
      return place(history, 4, placement).placed;
    };
    const only = (cluster: string) => ({
      type: 'StaticWeights' as const,
      weights: [{ weight: 1, clusters: [cluster] }],
    });
    const everyone = { workloadSelector: {} };
    expect(divided({ division: only('a'), policy: 'p' }, ['p', { division: only('b') }])).toEqual({ a: 4 });
    expect(
      divided(
        { policy: 'p' },
        ['p', { division: only('b') }],
        ['q', { ...everyone, priority: 9, division: only('a') }],
      ),
    ).toEqual({ b: 4 });
    expect(
      divided(
        {},
        ['p', { ...everyone, division: only('b') }],
        ['q', { ...everyone, priority: 1, division: only('a') }],
      ),
    ).toEqual({ a: 4 });
    expect(
      divided({}, ['p', { ...everyone, division: only('b') }], ['q', { ...everyone, division: only('a') }]),
    ).toEqual({
      b: 4,
    });
  });

  it('decide the workloads again that they govern when they change, and only those', () => {
    const history = fleet({ a: {}, b: {} });
    history.create(policy('p', { clusters: ['a'], workloadSelector: { matchLabels: { app: 'web' } } }));
    const web = job('web', 2, {}, { labels: { app: 'web' } });
    const db = job('db', 2, {}, { labels: { app: 'db' } });
    history.create(web, db);
    history.schedule();
    expect(history.placed(web)).toEqual({ a: 2 });
    const before = history.entriesOf('PlacementDecided').length;
    history.update(policy('p', { clusters: ['b'], workloadSelector: { matchLabels: { app: 'web' } } }));
    history.schedule();
    expect(history.placed(web)).toEqual({ b: 2 });
    expect(history.entriesOf('PlacementDecided')).toHaveLength(before + 1);
    history.delete(policy('p', {}));
    history.schedule();
    expect(history.placed(web)).toEqual({ b: 2 });
  });

  it('that are named and not there are waited for', () => {
    const history = fleet({ a: {} });
    const { decision, job: waiting } = place(history, 2, { policy: 'later' });
    expect(decision).toMatchObject({ unplaced: 2, reason: Reason.POLICY_NOT_FOUND });
    expect(decision?.message).toContain('placement.policy names later');
    history.create(policy('later', { clusters: ['a'] }));
    history.schedule();
    expect(history.placed(waiting)).toEqual({ a: 2 });
  });

  it('of another namespace have no say', () => {
    const history = fleet({ a: {}, b: {} });
    history.create(policy('p', { clusters: ['a'], workloadSelector: {} }, 'team'));
    expect(Object.keys(place(history, 2, {}).placed)).toEqual(['a', 'b']);
  });
});

describe('groups in order', () => {
  const groups = [
    { name: 'onprem', clusters: ['a', 'b'] },
    { name: 'cloud', clusters: ['c'] },
  ];
  const world = (): History => fleet({ a: { cores: 2 }, b: { cores: 2 }, c: { cores: 6 }, d: {} });

  it('take everything where all of it fits, the first of them', () => {
    expect(place(world(), 4, { groups }).placed).toEqual({ a: 2, b: 2 });
    const { placed, decision } = place(world(), 5, { groups });
    expect(placed).toEqual({ c: 5 });
    expect(verdictOn(decision, 'a')).toBe(
      'ReplicaDivision OTHER_GROUP: it is in group onprem, and all replicas are in group cloud',
    );
    expect(verdictOn(decision, 'd')).toContain('it is in none of the groups onprem, cloud');
  });

  it('take what fits where most fits, and the rest waits for that group', () => {
    const { placed, decision } = place(world(), 7, { groups });
    expect(placed).toEqual({ c: 6 });
    expect(decision).toMatchObject({ unplaced: 1, reason: Reason.INSUFFICIENT_RESOURCES });
  });

  it('overflow into the next', () => {
    expect(place(world(), 7, { groups, overflow: true }).placed).toEqual({ a: 2, b: 2, c: 3 });
  });

  it('stay where they are when more is wanted', () => {
    const history = world();
    const { job: grows } = place(history, 5, { groups });
    history.update({ ...grows, spec: { ...(grows.spec as object), replicas: 3 } });
    history.schedule();
    expect(history.placed(grows)).toEqual({ c: 3 });
  });
});

describe('division', () => {
  const world = (): History =>
    fleet({
      a: { cores: 6, labels: { weight: 'heavy' } },
      b: { cores: 4 },
      c: { cores: 2 },
    });

  it('Duplicated: all replicas on every allowed cluster, also on one that comes later', () => {
    const history = world();
    const { placed, decision, job: everywhere } = place(history, 2, { division: { type: 'Duplicated' } });
    expect(placed).toEqual({ a: 2, b: 2, c: 2 });
    expect(decision?.unplaced).toBe(0);
    history.cluster('d', [node('d-1', { cpu: 8000 })]);
    history.schedule();
    expect(history.placed(everywhere)).toEqual({ a: 2, b: 2, c: 2, d: 2 });
    history.update({ ...everywhere, spec: { ...(everywhere.spec as object), replicas: 1 } });
    history.schedule();
    expect(history.placed(everywhere)).toEqual({ a: 1, b: 1, c: 1, d: 1 });
  });

  it('Duplicated: what does not fit on a cluster waits for it', () => {
    const { placed, decision } = place(world(), 3, { division: { type: 'Duplicated' } });
    expect(placed).toEqual({ a: 3, b: 3, c: 2 });
    expect(decision).toMatchObject({ unplaced: 1, reason: Reason.INSUFFICIENT_RESOURCES });
  });

  it('Duplicated: a job that ends does all its completions everywhere', () => {
    const history = world();
    const batch = job(
      'batch',
      2,
      { division: { type: 'Duplicated' } },
      { restartPolicy: 'Never', spec: { completions: 5 } },
    );
    history.create(batch);
    history.schedule();
    expect(history.decisionOn(batch)?.placements).toEqual(
      ['a', 'b', 'c'].map((cluster) => ({ cluster, replicas: 2, completions: 5 })),
    );
  });

  it('Aggregated: on the fewest clusters, and on those that it is on already', () => {
    const history = world();
    const { placed, job: dense } = place(history, 5, { division: { type: 'Aggregated' } });
    expect(placed).toEqual({ a: 5 });
    history.update({ ...dense, spec: { ...(dense.spec as object), replicas: 7 } });
    history.schedule();
    expect(history.placed(dense)).toEqual({ a: 6, b: 1 });
  });

  it('StaticWeights: by weight, in total, and elsewhere only what does not fit', () => {
    const weights = [{ weight: 2, clusterSelector: { matchLabels: { weight: 'heavy' } } }, { weight: 1 }];
    const division = { type: 'StaticWeights' as const, weights };
    expect(place(world(), 8, { division }).placed).toEqual({ a: 4, b: 2, c: 2 });
    expect(place(world(), 12, { division }).placed).toEqual({ a: 6, b: 4, c: 2 });
    const named = { type: 'StaticWeights' as const, weights: [{ weight: 1, clusters: ['b'] }] };
    const { placed, decision } = place(world(), 5, { division: named });
    expect(placed).toEqual({ b: 4 });
    expect(decision).toMatchObject({ unplaced: 1, reason: Reason.INSUFFICIENT_RESOURCES });
    expect(verdictOn(decision, 'a')).toContain('none of the 1 weights of the division is for it');
  });

  it('DynamicWeights: by what fits', () => {
    expect(place(world(), 6, { division: { type: 'DynamicWeights' } }).placed).toEqual({ a: 3, b: 2, c: 1 });
  });

  it('all or nothing: places nothing that would be a part, and says how much would fit', () => {
    const history = world();
    const { placed, decision, job: whole } = place(history, 13, { allOrNothing: true });
    expect(placed).toEqual({});
    expect(decision).toMatchObject({ unplaced: 13, reason: Reason.ALL_OR_NOTHING });
    expect(decision?.message).toContain('of 13 missing replicas 12 fit');
    history.cluster('d', [node('d-1', { cpu: 1000 })]);
    history.schedule();
    expect(history.placed(whole)).toEqual({ a: 6, b: 4, c: 2, d: 1 });
  });

  it('is made again when other rules hold, moving no more than they ask for', () => {
    const history = world();
    const { job: moved } = place(history, 6, { division: { type: 'DynamicWeights' } });
    const next = (placement: WorkloadPlacement) => {
      history.update({ ...moved, spec: { ...(moved.spec as object), placement } });
      history.schedule();
      return history.placed(moved);
    };
    const perCluster = { topologyKey: 'cluster', maxSkew: 1 };
    expect(next({ spreadConstraints: [perCluster] })).toEqual({ a: 2, b: 2, c: 2 });
    expect(next({ spreadConstraints: [{ topologyKey: 'cluster', maxGroups: 2 }] })).toEqual({ a: 3, b: 3 });
    expect(next({ division: { type: 'Aggregated' } })).toEqual({ a: 6 });
  });
});

describe('spread constraints', () => {
  const region = (name: string) => ({ spec: { region: name } });
  const world = (): History =>
    fleet({ e1: region('eu'), e2: region('eu'), u1: region('us'), u2: { ...region('us'), cores: 1 }, x: {} });

  it('hold over any key, with every division, and within each other', () => {
    const spread = [
      { topologyKey: 'region', maxSkew: 1 },
      { topologyKey: 'cluster', within: 'region', minGroups: 2 },
    ];
    expect(place(world(), 7, { spreadConstraints: spread, division: { type: 'Aggregated' } }).placed).toEqual({
      e1: 3,
      e2: 1,
      u1: 2,
      u2: 1,
    });
    const weights = [{ weight: 9, clusters: ['e1'] }, { weight: 1 }];
    const division = { type: 'StaticWeights' as const, weights };
    expect(place(world(), 6, { spreadConstraints: spread.slice(0, 1), division }).placed).toEqual({
      e1: 3,
      u1: 2,
      u2: 1,
    });
  });

  it('say why replicas wait, with the numbers', () => {
    const { placed, decision } = place(world(), 12, { spreadConstraints: [{ topologyKey: 'region', maxGroups: 1 }] });
    expect(placed).toEqual({ e1: 6, e2: 6 });
    expect(decision?.unplaced).toBe(0);
    expect(verdictOn(decision, 'u1')).toBe(
      'ReplicaDivision SPREAD_LIMIT: placement.spreadConstraints[0] (region): at most 1 groups, and 1 others are used',
    );
    expect(verdictOn(decision, 'x')).toBe(
      'SpreadConstraints NO_TOPOLOGY: placement.spreadConstraints[0] spreads over region, the cluster has none',
    );
    const skewed = place(world(), 20, { spreadConstraints: [{ topologyKey: 'region', maxSkew: 2 }] });
    expect(skewed.placed).toEqual({ e1: 6, e2: 5, u1: 8, u2: 1 });
    expect(skewed.decision).toMatchObject({ unplaced: 0 });
    const short = place(world(), 30, { spreadConstraints: [{ topologyKey: 'region', maxSkew: 2 }] });
    expect(short.decision).toMatchObject({ unplaced: 10, reason: Reason.SPREAD_LIMIT });
    expect(short.decision?.message).toContain('maxSkew 2, eu has 11 and us has 9');
  });

  it('inside groups pass over one that has too few in it, say so, and what lets it in', () => {
    const history = world();
    history.health('u2', 'LOST');
    const spreadConstraints = [{ topologyKey: 'cluster', within: 'region', minGroups: 2 }];
    const { placed, decision, job: waits } = place(history, 17, { spreadConstraints });
    expect(placed).toEqual({ e1: 8, e2: 8 });
    const title = 'placement.spreadConstraints[0] (cluster within region)';
    expect(verdictOn(decision, 'u1')).toBe(
      `ReplicaDivision SPREAD_LIMIT: ${title}: at least 2 groups, and us has only 1`,
    );
    expect(decision).toMatchObject({ unplaced: 1, reason: Reason.SPREAD_LIMIT });
    history.health('u2', 'READY');
    history.schedule();
    expect(history.placed(waits)).toEqual({ e1: 8, e2: 8, u1: 1 });
    expect(history.decisionOn(waits)?.unplaced).toBe(0);
  });

  it('inside groups leave what runs where a cluster of its group is gone, and move it when they are new', () => {
    const even = { e1: region('eu'), e2: region('eu'), u1: region('us'), u2: region('us') };
    const history = fleet(even);
    const inside = [{ topologyKey: 'cluster', within: 'region', minGroups: 2 }];
    const { job: stays } = place(history, 6, { spreadConstraints: inside });
    const before = history.placed(stays);
    expect(Object.keys(before)).toEqual(['e1', 'e2', 'u1', 'u2']);
    const cordoned = { manager: 'k8', region: 'us', unschedulable: true };
    history.update(object('Cluster', 'u2', cordoned, { uid: 'uid-u2' }));
    history.update({ ...stays, spec: { ...(stays.spec as object), replicas: 5 } });
    history.schedule();
    expect(history.placed(stays).u1).toBeGreaterThan(0);
    const fresh = fleet(even);
    fresh.health('u2', 'LOST');
    const { job: moves } = place(fresh, 6, { spreadConstraints: [{ topologyKey: 'region', maxSkew: 1 }] });
    expect(fresh.placed(moves).u1).toBe(3);
    fresh.update({ ...moves, spec: { ...(moves.spec as object), placement: { spreadConstraints: inside } } });
    fresh.schedule();
    expect(fresh.placed(moves)).toEqual({ e1: 3, e2: 3 });
  });

  it('of copies ask for as many groups as they say, and the copies that lack one wait', () => {
    const history = world();
    const division = { type: 'Duplicated' as const };
    const three = [{ topologyKey: 'region', minGroups: 3 }];
    const { placed, decision, job: copies } = place(history, 2, { division, spreadConstraints: three });
    expect(Object.keys(placed)).toHaveLength(2);
    const title = 'placement.spreadConstraints[0] (region)';
    expect(decision).toMatchObject({ unplaced: 2, reason: Reason.SPREAD_LIMIT });
    expect(decision?.message).toContain(`${title}: at least 3 groups, and only 2 can be used`);
    expect(
      decision?.verdicts.filter(({ plugin }) => plugin === 'ReplicaDivision').map(({ cluster }) => cluster),
    ).toEqual(['e2', 'u2']);
    history.cluster('a1', [node('a1-1', { cpu: 8000 })], {}, { region: 'ap' });
    history.schedule();
    expect(history.placed(copies)).toEqual({ a1: 2, e1: 2, e2: 2, u1: 2, u2: 1 });
    expect(history.decisionOn(copies)).toMatchObject({ unplaced: 1, reason: Reason.INSUFFICIENT_RESOURCES });
  });

  it('are kept when replicas are taken away', () => {
    const history = world();
    const spreadConstraints = [{ topologyKey: 'region', maxSkew: 1 }];
    const { job: shrinks } = place(history, 8, { spreadConstraints });
    history.update({ ...shrinks, spec: { ...(shrinks.spec as object), replicas: 3 } });
    history.schedule();
    const placed = history.placed(shrinks);
    const eu = (placed.e1 ?? 0) + (placed.e2 ?? 0);
    expect(Math.abs(2 * eu - 3)).toBe(1);
  });
});

describe('affinity between workloads', () => {
  const world = (): History =>
    fleet({ a: { spec: { region: 'eu' } }, b: { spec: { region: 'eu' } }, c: { spec: { region: 'us' } } });
  const db = { labelSelector: { matchLabels: { app: 'db' } } };
  const named = (name: string, placement: WorkloadPlacement, replicas = 1) =>
    job(name, replicas, placement, { labels: { app: name } });

  it('goes where the others are, waits for them, and says so', () => {
    const history = world();
    const web = named('web', { workloadAffinity: { required: [{ ...db, topologyKey: 'region' }] } }, 6);
    history.create(web);
    history.schedule();
    expect(history.decisionOn(web)).toMatchObject({ unplaced: 6, reason: Reason.WORKLOAD_AFFINITY });
    expect(verdictOn(history.decisionOn(web), 'a')).toBe(
      'WorkloadAffinity WORKLOAD_AFFINITY: no workload with app=db is in its region',
    );
    history.create(named('db', { clusters: ['a'] }));
    history.schedule();
    expect(Object.keys(history.placed(web))).toEqual(['a', 'b']);
  });

  it('keeps apart both ways, within one round too, and makes place when the other is gone', () => {
    const history = world();
    const shy = named('shy', {
      clusters: ['a'],
      workloadAntiAffinity: { required: [{ ...db, topologyKey: 'region' }] },
    });
    const late = named('db', {});
    const other = named('db2', {}, 3);
    history.create(shy, late, other);
    history.schedule();
    expect(history.placed(shy)).toEqual({ a: 1 });
    expect(history.placed(late)).toEqual({ c: 1 });
    expect(verdictOn(history.decisionOn(late), 'b')).toBe(
      'WorkloadAffinity WORKLOAD_ANTI_AFFINITY: a workload in its region keeps workloads with app=db away',
    );
    expect(Object.keys(history.placed(other))).toEqual(['a', 'b', 'c']);
    const second = job('second', 1, { clusters: ['b'] }, { labels: { app: 'db' } });
    history.create(second);
    history.schedule();
    expect(history.decisionOn(second)).toMatchObject({ unplaced: 1, reason: Reason.WORKLOAD_ANTI_AFFINITY });
    history.delete(shy);
    history.schedule();
    history.removed('a', shy);
    history.schedule();
    expect(history.placed(second)).toEqual({ b: 1 });
    expect(history.state.workloadTerms.contributions.size).toBe(0);
  });

  it('lets the first of its like go anywhere, and does not hold a workload against itself', () => {
    const history = world();
    const together = { workloadAffinity: { required: [{ ...db, topologyKey: 'cluster' }] } };
    const first = job('first', 1, together, { labels: { app: 'db' } });
    const second = job('second', 1, together, { labels: { app: 'db' } });
    history.create(first, second);
    history.schedule();
    expect(history.placed(second)).toEqual(history.placed(first));
    const alone = {
      workloadAntiAffinity: { required: [{ labelSelector: { matchLabels: { app: 'x' } }, topologyKey: 'cluster' }] },
    };
    const wide = job('wide', 24, alone, { labels: { app: 'x' } });
    history.create(wide);
    history.schedule();
    expect(Object.keys(history.placed(wide))).toEqual(['a', 'b', 'c']);
  });

  it('prefers by weight', () => {
    const history = world();
    history.create(named('db', { clusters: ['c'] }));
    const near = named(
      'near',
      {
        workloadAffinity: { preferred: [{ weight: 10, term: { ...db, topologyKey: 'cluster' } }] },
      },
      4,
    );
    const far = named(
      'far',
      {
        workloadAntiAffinity: { preferred: [{ weight: 10, term: { ...db, topologyKey: 'cluster' } }] },
      },
      4,
    );
    history.create(near, far);
    history.schedule();
    expect(history.placed(near)).toEqual({ c: 4 });
    expect(Object.keys(history.placed(far))).toEqual(['a', 'b']);
  });

  it('is the same after a restart', () => {
    const history = world();
    history.create(
      named('shy', { clusters: ['a'], workloadAntiAffinity: { required: [{ ...db, topologyKey: 'region' }] } }),
    );
    history.schedule();
    const counted = ({ state }: History) =>
      [...state.workloadTerms.terms.values()].map(({ keepers, meant, users }) => [[...keepers], [...meant], users]);
    const before = counted(history);
    history.state = history.replay();
    expect(counted(history)).toEqual(before);
    expect(before).toEqual([[[['a', 1]], [], 1]]);
  });
});

function expressions(
  ...matchExpressions: NonNullable<NonNullable<WorkloadPlacement['clusterSelector']>['matchExpressions']>
) {
  return { clusterSelector: { matchExpressions } };
}

function fields(...matchFields: NonNullable<NonNullable<WorkloadPlacement['clusterSelector']>['matchFields']>) {
  return { clusterSelector: { matchFields } };
}
