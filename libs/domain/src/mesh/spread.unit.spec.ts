import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { limited, rampedQuota, sharesOf, spreadQuotas, type Ramp } from './spread.js';
import { endpoint } from './testing/mesh-world.js';

const sources = fc.dictionary(fc.constantFrom('b', 'c', 'd'), fc.nat(40)).map((each) => new Map(Object.entries(each)));
const total = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((sum, each) => sum + each, 0);

describe('the spread of a service', () => {
  it('over pods uses every endpoint', () => {
    const ready = new Map([
      ['b', 5],
      ['c', 0],
    ]);
    expect(spreadQuotas({}, 3, ready)).toEqual(ready);
  });

  it('over clusters gives each other cluster the weight of the local one, or of the smallest where there is none', () => {
    const ready = new Map([
      ['b', 5],
      ['c', 2],
    ]);
    expect(spreadQuotas({ spread: 'clusters' }, 3, ready)).toEqual(
      new Map([
        ['b', 3],
        ['c', 2],
      ]),
    );
    expect(spreadQuotas({ spread: 'clusters' }, 0, ready)).toEqual(
      new Map([
        ['b', 2],
        ['c', 2],
      ]),
    );
    expect(spreadQuotas({ spread: 'clusters' }, 0, new Map([['b', 0]]))).toEqual(new Map([['b', 0]]));
  });

  it('local first uses as many remote endpoints as local ones are missing, and all when there is no local one', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(20), sources, (local, minReady, ready) => {
        const quotas = spreadQuotas({ spread: 'local-first', localFirst: { minReady } }, local, ready);
        const wanted = local === 0 ? total(ready) : Math.min(total(ready), Math.max(0, minReady - local));
        expect(total(quotas)).toBe(wanted);
        for (const [source, quota] of quotas) expect(quota).toBeLessThanOrEqual(ready.get(source) ?? 0);
      }),
    );
  });

  it('never uses more than there is, and something wherever there is something', () => {
    const spread = fc.constantFrom('pods' as const, 'clusters' as const, 'local-first' as const);
    fc.assert(
      fc.property(spread, fc.nat(20), sources, (way, local, ready) => {
        const quotas = spreadQuotas({ spread: way }, local, ready);
        for (const [source, quota] of quotas) expect(quota).toBeLessThanOrEqual(ready.get(source) ?? 0);
        expect(local + total(quotas) > 0).toBe(local + total(ready) > 0);
      }),
    );
  });
});

describe('a ramp', () => {
  const step = (before: Ramp | undefined, wanted: number, nowMs: number): Ramp & { againMs: number | undefined } =>
    rampedQuota(before, wanted, { ready: 10, rampSeconds: 20, nowMs });

  it('goes up at once, and down by one endpoint after the other within its time', () => {
    const up = step(step(undefined, 0, 0), 10, 1_000);
    expect(up).toMatchObject({ quota: 10, againMs: undefined });
    const began = step(up, 0, 3_600_000);
    expect(began).toMatchObject({ quota: 10, againMs: 2_000 });
    const later = step(began, 0, 3_605_000);
    expect(later).toMatchObject({ quota: 8, againMs: 1_000 });
    expect(step(later, 0, 3_606_000).quota).toBe(7);
    expect(step(later, 9, 3_606_000).quota).toBe(9);
    expect(step(later, 0, 3_620_000)).toMatchObject({ quota: 0, againMs: undefined });
  });

  it('is over within its time however often it is looked at', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 60 }), (pauses) => {
        let ramp: Ramp = step(undefined, 10, 0);
        ramp = step(ramp, 0, 0);
        let nowMs = 0;
        for (const pause of pauses) {
          nowMs += pause;
          const next = step(ramp, 0, nowMs);
          expect(next.quota).toBe(Math.max(0, 10 - Math.floor(nowMs / 2_000)));
          if (next.quota === 0) break;
          ramp = next;
        }
      }),
    );
  });
});

describe('endpoints that are limited', () => {
  it('are always the same ones, and one more or less moves one', () => {
    const all = Array.from({ length: 20 }, (_, at) => endpoint(at));
    const taken = (quota: number): string[] =>
      limited(all, quota, 'svc').flatMap(({ ready, uid }) => (ready ? [uid] : []));
    for (let quota = 0; quota < 20; quota++) {
      expect(taken(quota)).toHaveLength(quota);
      expect(taken(quota + 1)).toEqual(expect.arrayContaining(taken(quota)));
    }
  });
});

describe('shares', () => {
  it('are per cent of all that is used', () => {
    expect(
      sharesOf(
        new Map([
          ['a', 3],
          ['b', 5],
        ]),
      ),
    ).toEqual(
      new Map([
        ['a', 37.5],
        ['b', 62.5],
      ]),
    );
    expect(sharesOf(new Map([['a', 0]]))).toEqual(new Map());
  });
});
