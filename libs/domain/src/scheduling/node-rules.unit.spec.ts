import { describe, expect, it } from '@jest/globals';
import { admits, nodeRulesOf } from './node-rules.js';

const taint = (effect: string, key = 'dedicated', value = 'team') => ({ key, value, effect });
const labelled = (labels: Record<string, string>) => ({ name: 'n', labels });
const affinity = (...nodeSelectorTerms: unknown[]) => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
});
const expression = (key: string, operator: string, ...values: string[]) => ({
  matchExpressions: [{ key, operator, values }],
});

describe('the rules of a pod for nodes', () => {
  it('are none where the pod says nothing', () => {
    expect(nodeRulesOf({})).toBeUndefined();
    expect(nodeRulesOf({ tolerations: [], nodeSelector: {}, affinity: { nodeAffinity: {} } })).toBeUndefined();
  });

  it.each([
    [[taint('NoSchedule')], [], false],
    [[taint('NoExecute')], [], false],
    [[taint('PreferNoSchedule')], [], true],
    [[taint('NoSchedule')], [{ key: 'dedicated', value: 'team' }], true],
    [[taint('NoSchedule')], [{ key: 'dedicated', value: 'other' }], false],
    [[taint('NoSchedule')], [{ key: 'dedicated', operator: 'Exists' }], true],
    [[taint('NoSchedule')], [{ key: 'dedicated', operator: 'Exists', effect: 'NoExecute' }], false],
    [[taint('NoSchedule'), taint('NoExecute', 'other')], [{ key: 'dedicated', operator: 'Exists' }], false],
    [[taint('NoSchedule'), taint('NoExecute', 'other')], [{ operator: 'Exists' }], true],
    [[{ key: 'dedicated', effect: 'NoSchedule' }], [{ key: 'dedicated', operator: 'Equal' }], true],
  ])('with taints %j and tolerations %j admit the node: %p', (taints, tolerations, admitted) => {
    expect(admits(nodeRulesOf({ tolerations }), { name: 'n', taints })).toBe(admitted);
  });

  it('need every label of the node selector', () => {
    const rules = nodeRulesOf({ nodeSelector: { zone: 'x', disk: 'ssd' } });
    expect(admits(rules, labelled({ zone: 'x', disk: 'ssd', more: '' }))).toBe(true);
    expect(admits(rules, labelled({ zone: 'x' }))).toBe(false);
    expect(admits(rules, { name: 'n' })).toBe(true);
  });

  it.each([
    [expression('zone', 'In', 'x', 'y'), true],
    [expression('zone', 'In', 'y'), false],
    [expression('zone', 'NotIn', 'y'), true],
    [expression('zone', 'NotIn', 'x'), false],
    [expression('other', 'NotIn', 'x'), true],
    [expression('zone', 'Exists'), true],
    [expression('other', 'Exists'), false],
    [expression('other', 'DoesNotExist'), true],
    [expression('zone', 'DoesNotExist'), false],
    [expression('cores', 'Gt', '8'), true],
    [expression('cores', 'Lt', '8'), false],
    [expression('other', 'Gt', '8'), false],
    [expression('zone', 'Like', 'x'), false],
    [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n'] }] }, true],
    [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['m'] }] }, false],
    [{}, false],
  ])('with the affinity term %j admit a node in zone x with 16 cores: %p', (term, admitted) => {
    expect(admits(nodeRulesOf(affinity(term)), labelled({ zone: 'x', cores: '16' }))).toBe(admitted);
  });

  it('need one of several affinity terms', () => {
    const rules = nodeRulesOf(affinity(expression('zone', 'In', 'y'), expression('zone', 'In', 'x')));
    expect(admits(rules, labelled({ zone: 'x' }))).toBe(true);
  });
});
