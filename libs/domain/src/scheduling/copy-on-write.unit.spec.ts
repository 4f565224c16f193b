import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ForkedMap, ForkedSet } from './copy-on-write.js';

const key = fc.nat(8);
const anySteps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constantFrom('set' as const, 'delete' as const, 'change' as const), key, value: fc.nat() }),
    fc.record({ do: fc.constant('clear' as const), key, value: fc.nat() }),
  ),
  { maxLength: 30 },
);
const anyBase = fc.uniqueArray(key, { maxLength: 8 });

describe('ForkedMap', () => {
  it('is a copy of the map, in content and order, whatever is done to it; and the map stays as it is', () => {
    fc.assert(
      fc.property(anyBase, anySteps, (keys, steps) => {
        const base = new Map(keys.map((each) => [each, { n: each }]));
        const before = JSON.stringify([...base]);
        const fork = new ForkedMap(base, (value) => ({ ...value }));
        const copy = new Map(keys.map((each) => [each, { n: each }]));
        for (const step of steps) {
          for (const map of [fork, copy]) {
            if (step.do === 'set') map.set(step.key, { n: step.value });
            else if (step.do === 'clear') map.clear();
            else if (step.do === 'change') Object.assign(map.get(step.key) ?? {}, { n: step.value });
          }
          if (step.do === 'delete') expect(fork.delete(step.key)).toBe(copy.delete(step.key));
          expect([...fork]).toEqual([...copy]);
          expect([...fork.keys()]).toEqual([...copy.keys()]);
          expect([...fork.values()]).toEqual([...copy.values()]);
          expect(fork.size).toBe(copy.size);
          expect(fork.has(step.key)).toBe(copy.has(step.key));
          const seen: unknown[] = [];
          fork.forEach((value, of) => seen.push([of, value]));
          expect(seen).toEqual([...copy]);
        }
        expect(JSON.stringify([...base])).toBe(before);
      }),
    );
  });

  it('gives the same copy of a value each time', () => {
    const fork = new ForkedMap(new Map([['a', { n: 1 }]]), (value) => ({ ...value }));
    expect(fork.get('a')).toBe(fork.get('a'));
    expect([...fork.values()][0]).toBe(fork.get('a'));
  });
});

describe('ForkedSet', () => {
  it('is a copy of the set, in content and order, whatever is done to it; and the set stays as it is', () => {
    fc.assert(
      fc.property(anyBase, anySteps, (values, steps) => {
        const base = new Set(values);
        const fork = new ForkedSet(base);
        const copy = new Set(values);
        for (const step of steps) {
          if (step.do === 'clear') [fork, copy].forEach((set) => set.clear());
          else if (step.do === 'delete') expect(fork.delete(step.key)).toBe(copy.delete(step.key));
          else [fork, copy].forEach((set) => set.add(step.key));
          expect([...fork]).toEqual([...copy]);
          expect([...fork.entries()]).toEqual([...copy.entries()]);
          expect(fork.size).toBe(copy.size);
          expect(fork.has(step.key)).toBe(copy.has(step.key));
          const seen: number[] = [];
          fork.forEach((value) => seen.push(value));
          expect(seen).toEqual([...copy]);
        }
        expect([...base]).toEqual(values);
      }),
    );
  });
});
