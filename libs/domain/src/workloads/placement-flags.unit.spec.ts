import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseClusterSelector } from './cluster-selector-text.js';
import type { WorkloadFlags } from './flags.js';
import { policyFromFlags } from './policy-from-flags.js';
import { parseTaint, parseTaintRemoval } from './taint-text.js';
import { jobFromFlags } from './workload-from-flags.js';

function placement(flags: Partial<WorkloadFlags>) {
  const result = jobFromFlags({ name: 'x', namespace: 'default', ...flags });
  return result.ok ? result.object.spec.placement : result.problems.map(({ flag, value }) => `${flag} ${value}`);
}

describe('placement made of flags', () => {
  it.each<[Partial<WorkloadFlags>, unknown]>([
    [{}, undefined],
    [
      { policy: 'eu', clusters: ['a,b', 'a'], excludeClusters: ['c'] },
      { policy: 'eu', clusters: ['a', 'b'], excludeClusters: ['c'] },
    ],
    [
      { clusterSelector: ['tier=gold,region in (eu,us),!spot,gpus>4', 'kubernetesVersion>1.35'] },
      {
        clusterSelector: {
          matchLabels: { tier: 'gold' },
          matchExpressions: [
            { key: 'spot', operator: 'DoesNotExist' },
            { key: 'gpus', operator: 'Gt', values: ['4'] },
          ],
          matchFields: [
            { key: 'region', operator: 'In', values: ['eu', 'us'] },
            { key: 'kubernetesVersion', operator: 'Gt', values: ['1.35'] },
          ],
        },
      },
    ],
    [
      { prefer: ['tier=gold:80', 'zone=a'] },
      {
        clusterAffinity: {
          preferred: [
            { weight: 80, preference: { matchLabels: { tier: 'gold' } } },
            { weight: 100, preference: { matchFields: [{ key: 'zone', operator: 'In', values: ['a'] }] } },
          ],
        },
      },
    ],
    [
      { tolerate: ['spot', 'spot=true:NoExecute:60'] },
      {
        tolerations: [
          { key: 'spot', operator: 'Exists' },
          { key: 'spot', operator: 'Equal', value: 'true', effect: 'NoExecute', tolerationSeconds: 60 },
        ],
      },
    ],
    [
      { groups: ['onprem=a,b', 'cloud=c'], overflow: true },
      {
        groups: [
          { name: 'onprem', clusters: ['a', 'b'] },
          { name: 'cloud', clusters: ['c'] },
        ],
        overflow: true,
      },
    ],
    [
      { spread: ['region:min=2,max=3', 'zone:skew=1,within=region,soft', 'cluster'] },
      {
        spreadConstraints: [
          { topologyKey: 'region', minGroups: 2, maxGroups: 3 },
          { topologyKey: 'zone', maxSkew: 1, within: 'region', whenUnsatisfiable: 'ScheduleAnyway' },
          { topologyKey: 'cluster', maxSkew: 1 },
        ],
      },
    ],
    [{ divide: 'dynamic-weights' }, { division: { type: 'DynamicWeights' } }],
    [
      { weights: ['a=2,b=1'] },
      {
        division: {
          type: 'StaticWeights',
          weights: [
            { weight: 2, clusters: ['a'] },
            { weight: 1, clusters: ['b'] },
          ],
        },
      },
    ],
    [
      { near: ['app=db@region'], apart: ['app=web'] },
      {
        workloadAffinity: { required: [{ labelSelector: { matchLabels: { app: 'db' } }, topologyKey: 'region' }] },
        workloadAntiAffinity: {
          required: [{ labelSelector: { matchLabels: { app: 'web' } }, topologyKey: 'cluster' }],
        },
      },
    ],
    [{ allOrNothing: true }, { allOrNothing: true }],
    [{ clusterSelector: ['a=b=c'] }, ['--cluster-selector a=b=c']],
    [{ tolerate: ['spot:Never'] }, ['--tolerate spot:Never']],
    [{ spread: ['region:even'] }, ['--spread region:even']],
    [{ divide: 'even' }, ['--divide even']],
    [{ divide: 'dynamic', weights: ['a=1'] }, ['--weights a=1']],
    [{ groups: ['a,b'] }, ['--group a,b']],
    [{ near: ['db'] }, ['--near db']],
  ])('%j', (flags, expected) => {
    expect(placement(flags)).toEqual(expected);
  });

  it('reads a selector or refuses it, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const selector = parseClusterSelector(text);
        if (selector !== undefined) expect(Object.keys(selector).length).toBeGreaterThan(0);
      }),
    );
  });
});

describe('a policy made of flags', () => {
  it('selects workloads by labels, all of them, or none', () => {
    const spec = (flags: object) => {
      const result = policyFromFlags({ name: 'p', namespace: 'default', ...flags });
      return result.ok ? result.object.spec : result.problems;
    };
    expect(spec({ clusters: ['a'], workloadLabels: [{ key: 'app', value: 'web' }], priority: '5' })).toEqual({
      workloadSelector: { matchLabels: { app: 'web' } },
      priority: 5,
      clusters: ['a'],
    });
    expect(spec({ allWorkloads: true })).toEqual({ workloadSelector: {} });
    expect(spec({ excludeClusters: ['b'] })).toEqual({ excludeClusters: ['b'] });
    expect(spec({ allWorkloads: true, workloadLabels: [{ key: 'a', value: 'b' }] })).toMatchObject([
      { flag: '--all-workloads' },
    ]);
  });
});

describe('a taint as text', () => {
  it('is what kubectl takes for nodes, and a dash takes it away', () => {
    expect(parseTaint('spot=true:noschedule')).toEqual({ key: 'spot', value: 'true', effect: 'NoSchedule' });
    expect(parseTaint('example.com/spot:NoExecute')).toEqual({ key: 'example.com/spot', effect: 'NoExecute' });
    expect(['spot', 'spot:Never', '=x:NoSchedule', 'spot-'].map(parseTaint)).toEqual(Array(4).fill(undefined));
    expect(parseTaintRemoval('spot-')).toEqual({ key: 'spot', effect: undefined });
    expect(parseTaintRemoval('spot:NoExecute-')).toEqual({ key: 'spot', effect: 'NoExecute' });
    expect(['spot', 'spot:Never-', '-'].map(parseTaintRemoval)).toEqual(Array(3).fill(undefined));
  });
});
