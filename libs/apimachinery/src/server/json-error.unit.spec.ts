import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { describeJsonError } from './json-error.js';

describe('the place where JSON is broken', () => {
  it.each([
    ['{"a": }', 'line 1, column 7: found "}", expected a value'],
    ['{"a": 1,\n}', 'line 2, column 1: found "}", expected a name in double quotes'],
    ['{"a" 1}', `line 1, column 6: found "1}", expected ':'`],
    ['[1 2]', `line 1, column 4: found "2]", expected ',' or ']'`],
    ["{'a': 1}", `line 1, column 2: found "'a': 1}", expected a name in double quotes or '}'`],
    ['{"a": 01}', `line 1, column 8: found "1}", expected ',' or '}'`],
    ['{"a": 1', `line 1, column 8: found the end of the text, expected ',' or '}'`],
    ['{} x', 'line 1, column 4: found "x", expected nothing more'],
    ['{"a": "tab\there"}', 'line 1, column 7: found "\\"tab\\there\\"}", expected a value'],
  ])('in %j is told', (text, message) => {
    expect(describeJsonError(text)).toBe(message);
  });

  it('is never after a place up to which the text could still become JSON', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), (text, at) => {
        const cut = at % Math.max(1, text.length);
        const place = /^line (\d+), column (\d+)/.exec(describeJsonError(`${text.slice(0, cut)}\u0001`));
        expect(place).not.toBeNull();
        expect(Number(place?.[2])).toBeLessThanOrEqual(cut + 1);
      }),
    );
  });
});
