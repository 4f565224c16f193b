import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isDnsLabel } from '@skyflow/contracts';
import { contextKey, nameContexts, type FoundContext } from './context-names.js';

const found = (context: string, path = '/k'): FoundContext => ({ path, context });

describe('names of contexts', () => {
  it('are DNS labels, all different, and always the same', () => {
    const anyContext = fc.record({
      path: fc.constantFrom('/a', '/b'),
      context: fc.string({ minLength: 1, maxLength: 80, unit: 'binary' }),
    });
    const anyContexts = fc.uniqueArray(anyContext, { selector: contextKey });
    fc.assert(
      fc.property(anyContexts, (contexts) => {
        const names = nameContexts(contexts);
        expect(new Set(names.values()).size).toBe(contexts.length);
        for (const name of names.values()) expect(isDnsLabel(name)).toBe(true);
        expect(nameContexts(contexts)).toEqual(names);
      }),
    );
  });

  it('are the context itself where they can be, whatever comes before', () => {
    const names = nameContexts([found('MLUO_Cloud'), found('mluo-cloud'), found('gke_sky-burst_us-central1-c_x')]);
    expect([...names.values()].sort()).toEqual([
      'gke-sky-burst-us-central1-c-x',
      'mluo-cloud',
      expect.stringMatching(/^mluo-cloud-[0-9a-f]{8}$/),
    ]);
    expect(names.get(contextKey(found('mluo-cloud')))).toBe('mluo-cloud');
  });

  it.each([
    ['arn:aws:eks:eu-west-1:123456789012:cluster/x', 'arn-aws-eks-eu-west-1-123456789012-cluster-x'],
    ['gke_a_b_c', 'gke-a-b-c'],
    ['user@cluster', 'user-cluster'],
    ['My Cluster of Tests', 'my-cluster-of-tests'],
    ['PROD', 'prod'],
  ])('of %p is %s', (context, name) => {
    expect(nameContexts([found(context)]).get(contextKey(found(context)))).toBe(name);
  });

  it('tell contexts of the same name in two files apart', () => {
    const names = nameContexts([found('prod', '/a'), found('prod', '/b')]);
    expect(names.get(contextKey(found('prod', '/a')))).toBe('prod');
    expect(names.get(contextKey(found('prod', '/b')))).toMatch(/^prod-[0-9a-f]{8}$/);
  });
});
