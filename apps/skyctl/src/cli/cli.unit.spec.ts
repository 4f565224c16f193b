import { describe, expect, it } from '@jest/globals';
import { CliError, exitCodeOf, renderError, usageError } from './cli-error.js';
import { EXIT, EXIT_MEANINGS, exitCodeOfAll } from './exit-codes.js';
import { Flags, parseDurationMs } from './flags.js';
import { closest } from './suggestion.js';

describe('exit codes', () => {
  it('are explained one by one, in order, without a gap', () => {
    expect(EXIT_MEANINGS.map(([code]) => code)).toEqual(Object.values(EXIT));
    expect(Object.values(EXIT)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('of several failures is theirs if they agree, else the general one', () => {
    expect(exitCodeOfAll([])).toBe(EXIT.ok);
    expect(exitCodeOfAll([EXIT.ok, EXIT.notFound, EXIT.notFound])).toBe(EXIT.notFound);
    expect(exitCodeOfAll([EXIT.notFound, EXIT.conflict])).toBe(EXIT.failure);
  });
});

describe('an error', () => {
  const error = new CliError({ code: EXIT.refused, summary: 'it is wrong', causes: ['a: b'], hint: 'mend it' });

  it('is shown as a line, its causes, and what to do', () => {
    expect(renderError(error, false)).toBe('error: it is wrong\n  a: b\nhint: mend it');
    expect(exitCodeOf(error)).toBe(EXIT.refused);
  });

  it('that nobody foresaw shows no stack unless it is asked for', () => {
    const bug = new TypeError('oops');
    expect(renderError(bug, false)).not.toMatch(/^\s+at /m);
    expect(renderError(bug, true)).toMatch(/^\s+at /m);
    expect(exitCodeOf(bug)).toBe(EXIT.failure);
  });

  it('of the command line has the code for that', () => expect(exitCodeOf(usageError('x'))).toBe(EXIT.usage));
});

describe('flags', () => {
  const flags = new Flags(
    new Map<string, string | boolean | string[]>([
      ['labels', ['a=1', 'b=c=d']],
      ['tail', '5'],
      ['bad', 'x'],
      ['watch', true],
    ]),
  );

  it('have the type that is asked for', () => {
    expect(flags.pairs('labels')).toEqual([
      { key: 'a', value: '1' },
      { key: 'b', value: 'c=d' },
    ]);
    expect(flags.wholeNumber('tail')).toBe(5);
    expect(() => flags.wholeNumber('bad')).toThrow(/--bad x: must be a whole number/);
    expect(flags.on('watch')).toBe(true);
    expect(flags.on('absent')).toBe(false);
    expect(flags.text('absent')).toBeUndefined();
  });

  it.each([
    ['30', 30_000],
    ['1.5', 1_500],
    ['250ms', 250],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
  ])('%s is a duration of %d ms', (text, ms) => expect(parseDurationMs('--timeout', text)).toBe(ms));

  it.each(['', 'soon', '5x', '-3s', '1m2'])('%j is no duration', (text) => {
    expect(() => parseDurationMs('--timeout', text)).toThrow(/--timeout/);
  });
});

describe('a suggestion', () => {
  it.each([
    ['jobz', 'jobs'],
    ['clutser', 'cluster'],
    ['xylophone', undefined],
  ])('for %s is %s', (word, expected) => expect(closest(word, ['jobs', 'cluster', 'ns'])).toBe(expected));
});
