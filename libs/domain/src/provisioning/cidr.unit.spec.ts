import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addressNumber, cidrRange, leaseCidrs, overlaps } from './cidr.js';

describe('address ranges', () => {
  it('are read strictly', () => {
    expect(cidrRange('10.42.0.0/16')).toEqual({
      first: 10 * 2 ** 24 + 42 * 2 ** 16,
      last: 10 * 2 ** 24 + 43 * 2 ** 16 - 1,
    });
    for (const wrong of ['10.42.0.1/16', '10.42.0.0', '10.42.0.0/33', '10.42.0/16', '300.0.0.0/8', 'fd00::/64', '']) {
      expect(cidrRange(wrong)).toBeUndefined();
    }
    expect(addressNumber('1.2.3.4.5')).toBeUndefined();
    expect(overlaps('10.0.0.0/8', '10.42.0.0/16')).toBe(true);
    expect(overlaps('10.42.0.0/16', '10.43.0.0/16')).toBe(false);
  });

  it('are leased to each cluster for itself, away from machines', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 20 }), (clusters, octets) => {
        const addresses = octets.map((octet) => `10.${String(octet)}.0.7`);
        const leased: { cluster: string; podCidr: string; serviceCidr: string }[] = [];
        for (let number = 0; number < clusters; number++) {
          const lease = leaseCidrs({}, leased, addresses);
          if (!lease.ok) throw new Error(lease.reason);
          const { podCidr, serviceCidr } = lease.pair;
          for (const cidr of [podCidr, serviceCidr]) {
            for (const other of leased) {
              expect(overlaps(cidr, other.podCidr) || overlaps(cidr, other.serviceCidr)).toBe(false);
            }
            for (const address of addresses) expect(overlaps(cidr, `${address}/32`)).toBe(false);
          }
          leased.push({ cluster: String(number), ...lease.pair });
        }
      }),
      { numRuns: 30 },
    );
  });

  it('of users are taken, and refused with the cluster that has them', () => {
    const leased = [{ cluster: 'eu', podCidr: '10.42.0.0/16', serviceCidr: '10.43.0.0/16' }];
    expect(leaseCidrs({ podCidr: '10.44.0.0/16' }, leased, [])).toEqual({
      ok: true,
      pair: { podCidr: '10.44.0.0/16', serviceCidr: '10.47.0.0/16' },
    });
    const refused = leaseCidrs({ podCidr: '10.42.128.0/17' }, leased, []);
    expect(refused).toMatchObject({ ok: false, reason: expect.stringContaining('overlaps the ranges of cluster eu') });
  });

  it('run out with a reason', () => {
    const all = [{ cluster: 'all', podCidr: '10.0.0.0/8', serviceCidr: '11.0.0.0/8' }];
    expect(leaseCidrs({}, all, [])).toMatchObject({ ok: false, reason: expect.stringContaining('network') });
  });
});
