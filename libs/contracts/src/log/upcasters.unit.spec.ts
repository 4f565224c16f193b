import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { RawEntry } from './commit.js';
import { UnreadableEntryError, decodeEntry, entryTypes } from './entries.js';
import { type Upcasters, entryVersion, upcast } from './upcasters.js';

const raw = (type: string, v: number, data: unknown): RawEntry => ({ type, v, at: 1, actor: 'a', corr: 'c', data });

/** As if there had been versions with other names: `leader`, then `owner`, now `holder`; and an epoch that was a text. */
const KNOWN: Upcasters = {
  EpochStarted: [
    (data) => {
      const { leader, ...rest } = data as { leader: string };
      return { ...rest, owner: leader };
    },
    (data) => {
      const { owner, epoch } = data as { owner: string; epoch: string };
      return { holder: owner, epoch: Number(epoch) };
    },
  ],
};

describe('upcasters', () => {
  it.each([
    [1, { leader: 'x', epoch: '7' }],
    [2, { owner: 'x', epoch: '7' }],
    [3, { holder: 'x', epoch: 7 }],
  ])('an entry of version %d is read as one of now, once and twice', (v, data) => {
    const entry = decodeEntry(raw('EpochStarted', v, data), KNOWN);
    expect(entry).toMatchObject({ v: 3, data: { holder: 'x', epoch: 7 } });
    expect(decodeEntry(structuredClone(entry), KNOWN)).toEqual(entry);
  });

  it('an entry of a later version is refused, and says what to do', () => {
    const later = raw('EpochStarted', 4, { holder: 'x', epoch: 7 });
    expect(() => decodeEntry(later, KNOWN)).toThrow(UnreadableEntryError);
    expect(() => decodeEntry(later, KNOWN)).toThrow(/EpochStarted v4 .*at least as new as the one that wrote the log/);
    expect(() => decodeEntry(raw('toString', 1, {}), KNOWN)).toThrow(/toString v1 is not known/);
  });

  it('an entry that is not what its version says is damaged, whether a step or the schema notices', () => {
    expect(() => decodeEntry(raw('EpochStarted', 1, undefined), KNOWN)).toThrow(/EpochStarted v1 is damaged/);
    expect(() => decodeEntry(raw('EpochStarted', 2, { owner: 'x', epoch: 'y' }), KNOWN)).toThrow(/v2 is damaged/);
  });

  it('the steps that are left are taken, each once and in order, and nothing else is touched', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 9 }), (versions, v) => {
        const steps = Array.from({ length: versions - 1 }, (_, n) => (data: unknown) => [...(data as number[]), n + 2]);
        const entry = raw('EpochStarted', v, []);
        upcast(entry, { EpochStarted: steps });
        expect(entryVersion('EpochStarted', { EpochStarted: steps })).toBe(versions);
        const taken = Array.from({ length: Math.max(0, versions - v) }, (_, n) => v + n + 1);
        expect(entry).toEqual(raw('EpochStarted', Math.max(v, versions), taken));
        const other = raw('ObjectDeleted', 1, { a: 1 });
        upcast(other, { EpochStarted: steps });
        expect(other).toEqual(raw('ObjectDeleted', 1, { a: 1 }));
      }),
    );
  });

  it('of this version are for entry types that there are', () => {
    for (const type of Object.keys(entryTypes)) expect(entryVersion(type)).toBeGreaterThanOrEqual(1);
    expect(entryVersion('constructor')).toBe(1);
  });
});
