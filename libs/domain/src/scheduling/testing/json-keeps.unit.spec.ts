import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lostIn } from './json-keeps.js';

const nothingLost = (value: unknown): boolean => {
  try {
    expect(JSON.parse(JSON.stringify(value))).toStrictEqual(value);
    return true;
  } catch {
    return false;
  }
};

describe('what JSON keeps', () => {
  it('is what comes back from it as it was', () => {
    fc.assert(
      fc.property(
        fc.anything({ withNullPrototype: true, withSparseArray: true, withDate: true, withMap: true }),
        (value) => {
          expect(lostIn(value, 'it') === undefined).toBe(nothingLost(value));
        },
      ),
    );
  });

  it('names the place of what it does not', () => {
    expect(lostIn({ a: [1, { b: undefined }] }, 'it')).toBe('it.a[1].b');
    expect(lostIn({ a: -0 }, 'it')).toBe('it.a');
    expect(lostIn({ a: new Date(0) }, 'it')).toBe('it.a');
  });
});
