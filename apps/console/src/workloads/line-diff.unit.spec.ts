import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lineDiff, withContext } from './line-diff.js';

const signs = (before: string, after: string): string[] => lineDiff(before, after).map(({ sign, text }) => sign + text);

describe('a difference of texts', () => {
  it('takes out and puts in as little as need be', () => {
    expect(signs('a\nb\nc', 'a\nx\nc')).toEqual([' a', '-b', '+x', ' c']);
    expect(signs('a\nb\nc\nd', 'b\nd')).toEqual(['-a', ' b', '-c', ' d']);
    expect(signs('', '')).toEqual([' ']);
  });

  it('has both texts in it', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', ''), { minLength: 1, maxLength: 12 })
      .map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = lineDiff(before, after);
        const side = (left: string): string =>
          lines
            .filter(({ sign }) => sign === ' ' || sign === left)
            .map((line) => line.text)
            .join('\n');
        expect([side('-'), side('+')]).toEqual([before, after]);
        if (before === after) expect(lines.every(({ sign }) => sign === ' ')).toBe(true);
      }),
    );
  });

  it('is shown with some lines around it', () => {
    const before = 'a\nb\nc\nd\ne\nf\ng';
    const shown = withContext(lineDiff(before, before.replace('b', 'x').replace('g', 'y')), 1);
    expect(shown.map((line) => line && line.sign + line.text)).toEqual([
      ' a',
      '-b',
      '+x',
      ' c',
      undefined,
      ' f',
      '-g',
      '+y',
    ]);
    expect(withContext(lineDiff(before, before), 2)).toEqual([]);
  });
});
