import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { deepFreeze, equalJson, isRecord } from '@skyflow/contracts';
import { StatusError } from '../api/status-error.js';
import { mergePatch } from './merge-patch.js';

type Json = Record<string, unknown>;

/** Objects without the key that patches refuse, and without nulls, which a merge patch cannot set. */
const withoutNulls: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown; object: Json }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, fc.constantFrom(1, 'x', true), fc.array(fc.nat(2), { maxLength: 2 }), tie('object')),
  object: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'constructor'), tie('value')),
})).object;

/** The patch that leads from one object to another. */
function diff(from: Json, to: Json): Json {
  const patch: Json = {};
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) patch[key] = null;
  for (const key of Object.keys(to)) {
    const [before, after] = [Object.hasOwn(from, key) ? from[key] : undefined, to[key]];
    if (isRecord(before) && isRecord(after)) patch[key] = diff(before, after);
    else if (!equalJson(before, after)) patch[key] = after;
  }
  return patch;
}

describe('a merge patch', () => {
  // RFC 7396, appendix A.
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('of %j with %j is %j', (current, patch, expected) => {
    expect(mergePatch(deepFreeze(current), deepFreeze(patch))).toEqual(expected);
  });

  it('applied twice is as once', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (current, patch) => {
        fc.pre(!JSON.stringify(patch).includes('__proto__'));
        const once = mergePatch(current, patch);
        expect(mergePatch(once, patch)).toEqual(once);
      }),
    );
  });

  it('made of the difference of two objects leads from one to the other', () => {
    fc.assert(
      fc.property(withoutNulls, withoutNulls, (from, to) => {
        expect(mergePatch(from, diff(from as Json, to as Json))).toEqual(to);
      }),
    );
  });

  it('shares what it does not touch', () => {
    const current = { big: { a: [1, 2, 3] }, small: 1 };
    expect((mergePatch(current, { small: 2 }) as typeof current).big).toBe(current.big);
  });

  it.each([
    [
      'a forbidden key',
      JSON.parse('{"a":{"__proto__":{"polluted":1}}}') as unknown,
      /"__proto__", which is not allowed/,
    ],
    [
      'too deep nesting',
      JSON.parse('{"a":'.repeat(2000) + '1' + '}'.repeat(2000)) as unknown,
      /nested deeper than 500 levels/,
    ],
  ])('with %s is refused', (_, patch, message) => {
    expect(() => mergePatch({}, patch)).toThrow(StatusError);
    expect(() => mergePatch({}, patch)).toThrow(message);
    expect({}).not.toHaveProperty('polluted');
  });
});
