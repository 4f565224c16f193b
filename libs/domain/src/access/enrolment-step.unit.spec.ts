import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type EnrolmentView,
  REFUSED_FOR_GOOD_MS,
  enrolmentStep,
  isOfCluster,
  isRefusedForGood,
} from './enrolment-step.js';

const token = fc.constantFrom('a', 'b', undefined);
const view: fc.Arbitrary<EnrolmentView> = fc.record({
  kept: fc.constantFrom('none' as const, 'good' as const, 'unknown' as const),
  given: token,
  spent: fc.array(token, { maxLength: 2 }),
});

describe('with what an agent comes in', () => {
  it('a token that it has not seen is used, whatever is kept; where the gateway is away, later', () => {
    const given = { given: 'b', spent: ['a'] };
    expect(enrolmentStep({ kept: 'none', ...given })).toBe('token');
    expect(enrolmentStep({ kept: 'good', ...given })).toBe('token');
    expect(enrolmentStep({ kept: 'unknown', ...given })).toBe('kept, then token');
  });

  it('a token that is spent is never tried, and what is kept is never given up for nothing', () => {
    fc.assert(
      fc.property(view, (seen) => {
        const step = enrolmentStep(seen);
        const isTried = step === 'token' || step === 'kept, then token';
        expect(isTried).toBe(seen.given !== undefined && !seen.spent.includes(seen.given));
        if (seen.kept !== 'none') expect(step).not.toBe('nothing');
      }),
    );
  });

  it('a token is refused for good when it was refused for a minute', () => {
    expect([undefined, 1, 0].map((since) => isRefusedForGood(since, REFUSED_FOR_GOOD_MS))).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('what was kept for another cluster, or another of the same name, is not its own', () => {
    const east = { name: 'east', uid: '1' };
    const kept = [
      ['east', '1'],
      ['west', '1'],
      ['east', '2'],
    ] as const;
    expect(kept.map(([cluster, uid]) => isOfCluster({ cluster, uid }, east))).toEqual([true, false, false]);
  });
});
