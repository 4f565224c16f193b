import { describe, expect, it } from '@jest/globals';
import { SchemaSet, validate } from '@skyflow/apimachinery';
import type { WorkloadPlacement } from '@skyflow/contracts';
import { clusterStrategy } from './cluster-rules.js';
import { placementCauses } from './placement-rules.js';
import { placementSchema, policySpecSchema } from './placement-schema.js';
import { policyStrategy } from './policy-rules.js';
import { priceCauses } from './scheduling-rules.js';

const NONE = new SchemaSet({}, {});
const fieldsOf = (causes: readonly { field?: string }[]): (string | undefined)[] => causes.map(({ field }) => field);
const all: WorkloadPlacement = {
  policy: 'eu',
  clusters: ['a'],
  excludeClusters: ['b'],
  clusterSelector: {
    matchLabels: { tier: 'gold' },
    matchExpressions: [{ key: 'gpus', operator: 'Gt', values: ['4'] }],
    matchFields: [{ key: 'kubernetesVersion', operator: 'Lt', values: ['v1.36'] }],
  },
  tolerations: [{ key: 'spot', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 }],
  clusterAffinity: {
    required: [{ matchLabels: { a: 'b' } }],
    preferred: [{ weight: 5, preference: { matchFields: [{ key: 'region', operator: 'In', values: ['eu'] }] } }],
  },
  groups: [{ name: 'onprem', clusters: ['a'] }, { name: 'rest' }],
  overflow: true,
  spreadConstraints: [
    { topologyKey: 'region', maxSkew: 1 },
    { topologyKey: 'zone', within: 'region', minGroups: 2 },
  ],
  division: { type: 'StaticWeights', weights: [{ weight: 2, clusters: ['a'] }] },
  workloadAffinity: { required: [{ labelSelector: { matchLabels: { app: 'db' } }, topologyKey: 'region' }] },
  workloadAntiAffinity: {
    preferred: [{ weight: 1, term: { labelSelector: { matchLabels: { app: 'x' } }, topologyKey: 'cluster' } }],
  },
  allOrNothing: true,
};

describe('placements', () => {
  it('may say everything at once', () => {
    expect(validate(all, placementSchema, NONE)).toEqual([]);
    expect(placementCauses(all)).toEqual([]);
    const { policy: _, ...terms } = all;
    const spec = { ...terms, workloadSelector: { matchLabels: { app: 'web' } }, priority: 3 };
    expect(validate(spec, policySpecSchema, NONE)).toEqual([]);
    expect(policyStrategy.validate?.({ metadata: { name: 'p' }, spec } as never, {} as never)).toEqual([]);
  });

  it.each<[string, WorkloadPlacement, string[]]>([
    [
      'a cluster that is in and out',
      { clusters: ['a'], excludeClusters: ['a'] },
      ['spec.placement.excludeClusters[0]'],
    ],
    ['a name that is none', { excludeClusters: ['B!'] }, ['spec.placement.excludeClusters[0]']],
    [
      'In without values',
      { clusterSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] } },
      ['spec.placement.clusterSelector.matchExpressions[0].values'],
    ],
    [
      'Gt with text',
      { clusterSelector: { matchExpressions: [{ key: 'a', operator: 'Gt', values: ['x'] }] } },
      ['spec.placement.clusterSelector.matchExpressions[0].values'],
    ],
    [
      'Exists with a value',
      { clusterSelector: { matchExpressions: [{ key: 'a', operator: 'Exists', values: ['x'] }] } },
      ['spec.placement.clusterSelector.matchExpressions[0].values'],
    ],
    [
      'a region that is compared',
      { clusterSelector: { matchFields: [{ key: 'region', operator: 'Gt', values: ['1'] }] } },
      ['spec.placement.clusterSelector.matchFields[0].operator'],
    ],
    [
      'a version that is none',
      { clusterSelector: { matchFields: [{ key: 'kubernetesVersion', operator: 'In', values: ['new'] }] } },
      ['spec.placement.clusterSelector.matchFields[0].values[0]'],
    ],
    ['an empty term', { clusterAffinity: { required: [{}] } }, ['spec.placement.clusterAffinity.required[0]']],
    ['a toleration of nothing', { tolerations: [{}] }, ['spec.placement.tolerations[0].key']],
    [
      'seconds of what drives nobody out',
      { tolerations: [{ key: 'a', effect: 'NoSchedule', tolerationSeconds: 1 }] },
      ['spec.placement.tolerations[0].tolerationSeconds'],
    ],
    ['overflow without groups', { overflow: true }, ['spec.placement.overflow']],
    ['two groups of one name', { groups: [{ name: 'x' }, { name: 'x' }] }, ['spec.placement.groups[1].name']],
    [
      'a constraint that says nothing',
      { spreadConstraints: [{ topologyKey: 'zone' }] },
      ['spec.placement.spreadConstraints[0]'],
    ],
    [
      'more groups at least than at most',
      { spreadConstraints: [{ topologyKey: 'zone', minGroups: 3, maxGroups: 2 }] },
      ['spec.placement.spreadConstraints[0].minGroups'],
    ],
    [
      'a key within itself',
      { spreadConstraints: [{ topologyKey: 'zone', within: 'zone', maxSkew: 1 }] },
      ['spec.placement.spreadConstraints[0].within'],
    ],
    [
      'weights that nobody looks at',
      { division: { type: 'Aggregated', weights: [{ weight: 1 }] } },
      ['spec.placement.division.weights'],
    ],
    [
      'an affinity to everything',
      { workloadAffinity: { required: [{ labelSelector: {}, topologyKey: 'zone' }] } },
      ['spec.placement.workloadAffinity.required[0].labelSelector'],
    ],
  ])('may not have %s', (_, placement, fields) => {
    expect(fieldsOf(placementCauses(placement))).toEqual(fields);
  });

  it('may not have words that the grammar does not know', () => {
    const wrong = {
      division: { type: 'Even' },
      clusterSelector: { matchFields: [{ key: 'country', operator: 'Is' }] },
    };
    expect(fieldsOf(validate(wrong, placementSchema, NONE, ['spec', 'placement']))).toEqual([
      'spec.placement.division.type',
      'spec.placement.clusterSelector.matchFields[0].key',
      'spec.placement.clusterSelector.matchFields[0].operator',
    ]);
  });
});

describe('taints of clusters', () => {
  const cluster = (...taints: object[]) => ({ metadata: { name: 'a' }, spec: { manager: 'k8', taints } }) as never;
  const at = (nowMs: number) => ({ nowMs }) as never;
  const timesOf = (object: never) =>
    (object as { spec: { taints: { timeAdded?: string }[] } }).spec.taints.map(({ timeAdded }) => timeAdded);

  it('get the time at which they came, and keep it', () => {
    const created = cluster({ key: 'spot', effect: 'NoExecute' });
    clusterStrategy.prepareForCreate?.(created, at(0));
    expect(timesOf(created)).toEqual(['1970-01-01T00:00:00Z']);
    const updated = cluster({ key: 'spot', effect: 'NoExecute' }, { key: 'new', effect: 'NoSchedule' });
    clusterStrategy.prepareForUpdate?.(updated, created, at(5_000));
    expect(timesOf(updated)).toEqual(['1970-01-01T00:00:00Z', '1970-01-01T00:00:05Z']);
  });

  it('are given once for each effect, under a key', () => {
    const twice = cluster({ key: 'a', effect: 'NoSchedule' }, { key: 'a', effect: 'NoSchedule', value: 'x' });
    expect(fieldsOf(clusterStrategy.validate?.(twice, at(0)) ?? [])).toEqual(['spec.taints[1]']);
    expect(fieldsOf(clusterStrategy.validate?.(cluster({ key: '!', effect: 'NoSchedule' }), at(0)) ?? [])).toEqual([
      'spec.taints[0].key',
    ]);
  });
});

describe('rollouts and prices', () => {
  it('name labels and resources that there can be', () => {
    const rollout = { type: 'ProgressivePerGroup', groupBy: 'bad key!' } as const;
    expect(placementCauses({ rollout })).toMatchObject([
      { field: 'spec.placement.rollout.groupBy', message: expect.stringContaining('the key of a label of Clusters') },
    ]);
    expect(placementCauses({ rollout: { ...rollout, groupBy: 'example.com/ring' } })).toEqual([]);
    expect(priceCauses({ cpu: 1, 'hugepages-2Mi': 1, 'nvidia.com/gpu': 1 })).toEqual([]);
    expect(priceCauses({ cpus: 1 })).toMatchObject([
      { field: 'spec.prices', message: expect.stringContaining('those are cpu, memory') },
    ]);
  });
});
