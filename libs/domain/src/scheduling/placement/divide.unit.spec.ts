import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { runs } from '../testing/long-runs.js';
import { divide } from './divide.js';
import type { Division, Seat } from './fill.js';
import { groupConstraint } from './group-constraint.js';
import { fewestSeats, keeps, mostPlaceable, sainteLague, usable } from './testing/brute-force.js';

const seat = (fits: number, more: Partial<Seat> = {}): Seat => ({
  held: 0,
  fits,
  open: true,
  score: (added) => (fits - added) * 10,
  tie: 0,
  weight: 1,
  ...more,
});
const division = (seats: Seat[], wanted: number, more: Partial<Division> = {}): Division => ({
  seats,
  wanted,
  type: 'Spread',
  constraints: [],
  mode: 'held',
  ...more,
});
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** Seats in regions, zones of those, each with room for a few; and constraints over them. */
const places = fc.array(
  fc.record({ region: fc.nat(2), zone: fc.nat(1), provider: fc.nat(1), fits: fc.nat(4), weight: fc.nat(3) }),
  { minLength: 1, maxLength: 5 },
);
const limits = fc.record(
  {
    minGroups: fc.integer({ min: 1, max: 3 }),
    maxGroups: fc.integer({ min: 1, max: 3 }),
    maxSkew: fc.integer({ min: 1, max: 2 }),
  },
  { requiredKeys: [] },
);
type Place = { region: number; zone: number; provider: number; fits: number; weight: number };
const over = (
  all: readonly Place[],
  key: (place: Place) => string,
  within: (place: Place) => string,
  spec: { minGroups?: number; maxGroups?: number; maxSkew?: number },
) =>
  groupConstraint(
    { topologyKey: 'any', ...(within !== everywhere && { within: 'outer' }), ...spec },
    'test',
    all.map((place) => ({ value: key(place), within: within(place) })),
  );
const region = ({ region: name }: Place): string => `r${name}`;
const zone = (place: Place): string => `${region(place)}z${place.zone}`;
const everywhere = (): string => '';
const types = fc.constantFrom<Division['type']>('Spread', 'Aggregated', 'StaticWeights', 'DynamicWeights');

describe('dividing replicas', () => {
  it('places as many as fit, and never more than fit or are wanted', () => {
    fc.assert(
      fc.property(places, fc.nat(14), types, (all, wanted, type) => {
        const seats = all.map(({ fits, weight }) => seat(fits, { weight: weight + 1 }));
        const totals = divide(division(seats, wanted, { type }));
        expect(sum(totals)).toBe(Math.min(wanted, sum(all.map(({ fits }) => fits))));
        totals.forEach((total, index) => expect(total).toBeLessThanOrEqual(all[index]!.fits));
      }),
      runs(500),
    );
  });

  it('places as many as trying everything does, and keeps to one constraint', () => {
    fc.assert(
      fc.property(places, fc.nat(8), limits, types, (all, wanted, spec, type) => {
        const constraints = [over(all, region, everywhere, spec)];
        const seats = all.map(({ fits }) => seat(fits));
        const one = division(seats, wanted, { type, constraints });
        const totals = divide(one);
        expect(
          keeps(
            constraints[0]!,
            totals,
            seats.map(() => true),
          ),
        ).toBe(true);
        expect(sum(totals)).toBe(mostPlaceable(one));
      }),
      runs(500),
    );
  });

  it('places as many as trying everything does under nested constraints, and keeps to all of them', () => {
    fc.assert(
      fc.property(places, fc.nat(8), limits, limits, types, (all, wanted, outer, inner, type) => {
        const constraints = [over(all, region, everywhere, outer), over(all, zone, region, inner)];
        const seats = all.map(({ fits }) => seat(fits));
        const both = division(seats, wanted, { type, constraints });
        const totals = divide(both);
        for (const constraint of constraints) {
          expect(keeps(constraint, totals, usable(constraints, seats))).toBe(true);
        }
        usable(constraints, seats).forEach((is, at) => expect(is || totals[at] === 0).toBe(true));
        expect(sum(totals)).toBe(mostPlaceable(both));
      }),
      runs(500),
    );
  });

  it('keeps to constraints over keys that cross each other, and places no more than can be', () => {
    fc.assert(
      fc.property(places, fc.nat(8), limits, limits, types, (all, wanted, first, second, type) => {
        const provider = ({ provider: name }: Place): string => `p${name}`;
        const constraints = [over(all, region, everywhere, first), over(all, provider, everywhere, second)];
        const seats = all.map(({ fits }) => seat(fits));
        const crossing = division(seats, wanted, { type, constraints });
        const totals = divide(crossing);
        for (const constraint of constraints) {
          // Which of several groups may be used is settled for all constraints together, so one that stays unused need not count.
          const { maxSkew: _, ...counts } = constraint;
          expect(
            keeps(
              { ...counts, maxSkew: Number.POSITIVE_INFINITY },
              totals,
              seats.map(() => true),
            ),
          ).toBe(true);
        }
        expect(sum(totals)).toBeLessThanOrEqual(mostPlaceable({ ...crossing, constraints: [] }));
      }),
      runs(500),
    );
  });

  it('aggregates on as few clusters as can be', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(6), { minLength: 1, maxLength: 7 }), fc.nat(20), (rooms, wanted) => {
        const totals = divide(
          division(
            rooms.map((fits) => seat(fits)),
            wanted,
            { type: 'Aggregated' },
          ),
        );
        expect(totals.filter((total) => total > 0)).toHaveLength(fewestSeats(rooms, wanted));
      }),
      runs(500),
    );
  });

  it('divides by weights as Sainte-Laguë defines it', () => {
    const weighed = fc.array(fc.record({ weight: fc.nat(9), fits: fc.nat(6) }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(weighed, fc.nat(20), (all, wanted) => {
        const seats = all.map(({ weight, fits }) => seat(fits, { weight }));
        expect(divide(division(seats, wanted, { type: 'StaticWeights' }))).toEqual(sainteLague(all, wanted));
      }),
      runs(500),
    );
  });

  it('takes from no cluster what it has when there is more to place, and adds nothing when there is less', () => {
    fc.assert(
      fc.property(places, fc.nat(8), fc.nat(8), types, (all, before, after, type) => {
        const seats = all.map(({ fits, weight }) => seat(fits, { weight: weight + 1 }));
        const held = divide(division(seats, before, { type }));
        const next = all.map(({ fits, weight }, index) =>
          seat(fits - held[index]!, { weight: weight + 1, held: held[index]! }),
        );
        const mode = after < sum(held) ? 'fewer' : 'held';
        const totals = divide(division(next, after, { type, mode }));
        if (mode === 'held') totals.forEach((total, index) => expect(total).toBeGreaterThanOrEqual(held[index]!));
        else totals.forEach((total, index) => expect(total).toBeLessThanOrEqual(held[index]!));
        expect(sum(totals)).toBe(Math.min(after, sum(all.map(({ fits }) => fits))));
      }),
      runs(500),
    );
  });

  it('places at least as much when a cluster has more room', () => {
    fc.assert(
      fc.property(places, fc.nat(8), limits, types, fc.nat(4), (all, wanted, spec, type, which) => {
        const larger = all.map((place, index) => (index === which ? { ...place, fits: place.fits + 2 } : place));
        const placed = [all, larger].map((each) => {
          const constraints = [over(each, region, everywhere, spec)];
          return sum(
            divide(
              division(
                each.map(({ fits }) => seat(fits)),
                wanted,
                { type, constraints },
              ),
            ),
          );
        });
        expect(placed[1]).toBeGreaterThanOrEqual(placed[0]!);
      }),
      runs(500),
    );
  });

  it('gives up a soft constraint only for replicas that would wait', () => {
    const all = [0, 1].map((name) => ({ region: name, zone: 0, provider: 0, fits: name === 0 ? 1 : 9, weight: 0 }));
    const soft = (wanted: number) => {
      const spec = { topologyKey: 'region', maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway' as const };
      const constraints = [
        groupConstraint(
          spec,
          'test',
          all.map((place) => ({ value: region(place), within: '' })),
        ),
      ];
      return divide(
        division(
          all.map(({ fits }) => seat(fits)),
          wanted,
          { constraints },
        ),
      );
    };
    expect(soft(3)).toEqual([1, 2]);
    expect(soft(5)).toEqual([1, 4]);
  });
});
