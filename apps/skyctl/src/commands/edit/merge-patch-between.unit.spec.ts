import { describe, expect, it } from '@jest/globals';
import { mergePatch } from '@skyflow/apimachinery';
import fc from 'fast-check';
import { mergePatchBetween } from './merge-patch-between.js';

const json = fc.letrec<{ value: unknown; object: object }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ maxLength: 3 }),
    fc.integer({ min: 0, max: 3 }),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'constructor'), tie('value'), {
    maxKeys: 4,
    noNullPrototype: true,
  }),
})).object;

describe('the merge patch between two objects', () => {
  it('makes the second of the first, and is none where they are the same', () => {
    fc.assert(
      fc.property(json, json, (from, to) => {
        const patch = mergePatchBetween(from, to);
        expect(patch === undefined ? from : mergePatch(from, patch)).toEqual(to);
        expect(mergePatchBetween(to, structuredClone(to))).toBeUndefined();
      }),
    );
  });

  it('takes away what is gone, and touches nothing else', () => {
    const from = { spec: { replicas: 2, template: { image: 'a' }, list: [1, 2] }, status: { phase: 'RUNNING' } };
    const to = { spec: { replicas: 3, list: [1, 2] }, status: { phase: 'RUNNING' } };
    expect(mergePatchBetween(from, to)).toEqual({ spec: { replicas: 3, template: null } });
  });

  it('takes a null for an absent field', () => {
    expect(mergePatchBetween({ a: 1 }, { a: null, b: null })).toEqual({ a: null });
  });
});
