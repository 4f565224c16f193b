import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { entryTypes } from './entries.js';
import { isPlainDecision } from './plain-decision.js';

const decision = (): Record<string, unknown> => ({
  epoch: 1,
  ref: { kind: 'Job', namespace: 'default', name: 'a', uid: 'u' },
  generation: 1,
  placements: [{ cluster: 'one', replicas: 2 }],
  unplaced: 1,
  reason: 'INSUFFICIENT_RESOURCES',
  message: 'm',
  basis: 10_001,
  code: 'v',
  verdicts: [
    { cluster: 'one', score: 0.5, fits: 2 },
    { cluster: 'two', plugin: 'fit', reason: 'r', message: 'm' },
  ],
});

/** Places in a value, as paths of keys. */
const pathsOf = (value: unknown, at: string[] = []): string[][] =>
  typeof value !== 'object' || value === null
    ? [at]
    : [at, ...Object.entries(value).flatMap(([key, part]) => pathsOf(part, [...at, key]))];

/** The value with what is at a path replaced, dropped (undefined) or, for `move`, put last. */
function changed(value: unknown, [key, ...rest]: string[], put: unknown, move: boolean): unknown {
  if (key === undefined) return put;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<string, unknown>;
  const part = copy[key];
  if (rest.length === 0 && move && !Array.isArray(value)) {
    Reflect.deleteProperty(copy, key);
    copy[key] = part;
  } else copy[key] = changed(part, rest, put, move);
  return copy;
}

describe('a plain placement decision', () => {
  it('is what schedulers write', () => {
    expect(isPlainDecision(decision())).toBe(true);
  });

  it('is given back by the schema byte for byte, whatever is changed about it', () => {
    const paths = pathsOf(decision());
    const values = fc.oneof(fc.jsonValue(), fc.constantFrom<unknown>(undefined, '', 0, -1, 1, 1.5, 'x', {}, []));
    fc.assert(
      fc.property(fc.constantFrom(...paths), values, fc.boolean(), fc.string(), (path, put, move, extra) => {
        for (const each of [
          changed(decision(), path, put, move),
          changed(decision(), [...path, extra === '' || extra === 'length' ? 'x' : extra], put, false),
        ]) {
          const text = JSON.stringify(each) as string | undefined;
          if (text === undefined) continue;
          const data: unknown = JSON.parse(text);
          if (!isPlainDecision(data)) continue;
          expect(JSON.stringify(entryTypes.PlacementDecided.parse(data))).toBe(text);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
