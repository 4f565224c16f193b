/** Rotation of certificates over years. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AUTHORITY_LIFE_MS, CERTIFICATE_LIFE_MS, type CertificateState, planCertificates } from './certificate-plan.js';

const HOUR_MS = 3_600_000;

describe('the plan of certificates', () => {
  it('always has a valid certificate of an authority that is published, at most two generations, for years', () => {
    const naps = fc.array(fc.integer({ min: 1, max: 11 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(naps, (hours) => {
        let state: CertificateState = { authorities: [], certificate: undefined };
        const signedAt = new Map<number, number>();
        let generations = 0;
        for (
          let nowMs = 0, at = 0;
          nowMs < 2 * 365 * 24 * HOUR_MS;
          nowMs += (hours[at++ % hours.length] ?? 1) * HOUR_MS
        ) {
          const plan = planCertificates(state, nowMs);
          let { authorities } = state;
          if (plan.makeAuthority !== undefined) {
            authorities = [...authorities, { generation: plan.makeAuthority, madeAt: nowMs }];
            generations += 1;
          }
          authorities = authorities.filter(({ generation }) => !plan.forget.includes(generation));
          const certificate = plan.sign === undefined ? state.certificate : { generation: plan.sign, madeAt: nowMs };
          if (plan.sign !== undefined) signedAt.set(plan.sign, nowMs);
          state = { authorities, certificate };
          const signer = authorities.find(({ generation }) => generation === certificate?.generation);
          const validUntil = (certificate?.madeAt ?? 0) + CERTIFICATE_LIFE_MS;
          // As one value: a hundred thousand expectations take a minute.
          const holds =
            authorities.length <= 2 &&
            signer !== undefined &&
            nowMs < validUntil &&
            // What it signed lives no longer than it.
            validUntil <= signer.madeAt + AUTHORITY_LIFE_MS &&
            // Nothing that may still be shown to a peer is of an authority that was forgotten.
            plan.forget.every((each) => nowMs - (signedAt.get(each) ?? 0) >= CERTIFICATE_LIFE_MS);
          if (!holds) expect({ nowMs, plan, state }).toBe('a valid state');
        }
        expect(generations).toBeGreaterThan(10);
      }),
      { numRuns: 20 },
    );
  });

  it('begins anew after an absence longer than any life', () => {
    const old = { authorities: [{ generation: 3, madeAt: 0 }], certificate: { generation: 3, madeAt: 0 } };
    expect(planCertificates(old, 2 * AUTHORITY_LIFE_MS)).toMatchObject({ makeAuthority: 4, forget: [3], sign: 4 });
  });
});
