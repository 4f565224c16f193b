import { BlockList, isIPv6 } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isCidr, isInside, mergedCidrs, overlapOf } from './cidr.js';

const v4 = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([address, length]) => `${address}/${length}`);
const v6 = fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })).map(([address, length]) => `${address}/${length}`);
/** Close to each other, so that they meet. */
const near = fc
  .tuple(fc.nat(3), fc.nat(255), fc.integer({ min: 20, max: 32 }))
  .map(([c, d, length]) => `10.0.${c}.${d}/${length}`);

function listOf(cidrs: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', length = ''] = cidr.split('/');
    list.addSubnet(address, Number(length), isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  return (address) => list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

describe('networks', () => {
  it('have the addresses that Node says they have', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(v4, v6, near), { maxLength: 5 }),
        fc.oneof(fc.ipV4(), fc.ipV6()),
        (cidrs, address) => {
          expect(isInside(address, cidrs)).toBe(
            listOf(cidrs.filter((each) => isIPv6(each.split('/')[0] ?? '') === isIPv6(address)))(address),
          );
        },
      ),
    );
  });

  it('are the same when they are merged, fewer, and none inside another', () => {
    const address = fc.tuple(fc.nat(4), fc.nat(255)).map(([c, d]) => `10.0.${c}.${d}`);
    fc.assert(
      fc.property(fc.array(near, { maxLength: 12 }), fc.array(address, { maxLength: 20 }), (cidrs, addresses) => {
        const merged = mergedCidrs(cidrs);
        expect(merged.length).toBeLessThanOrEqual(cidrs.length);
        for (const each of addresses) expect(isInside(each, merged)).toBe(isInside(each, cidrs));
        merged.forEach((one, at) => expect(overlapOf([one], merged.slice(at + 1))).toBeUndefined());
      }),
    );
    const nodes = Array.from({ length: 256 }, (_, at) => `10.244.${at}.0/24`);
    expect(mergedCidrs(nodes)).toEqual(['10.244.0.0/16']);
    expect(mergedCidrs(['fd00:0:0:1::/64', 'fd00::/64', 'nonsense'])).toEqual(['fd00::/63']);
  });

  it('overlap where an address is in both', () => {
    expect(overlapOf(['10.42.0.0/16'], ['10.43.0.0/16', '10.42.7.0/24'])).toEqual(['10.42.0.0/16', '10.42.7.0/24']);
    expect(overlapOf(['10.42.0.0/16'], ['10.43.0.0/16', 'fd00::/8'])).toBeUndefined();
  });

  it('are told from what is none', () => {
    expect(['10.0.0.0/8', '::/0', '::ffff:10.0.0.1/128', 'fd00::1/64'].filter((text) => !isCidr(text))).toEqual([]);
    expect(
      ['10.0.0.0', '10.0.0/8', '10.0.0.256/8', '10.0.0.0/33', ':::/8', '1:2:3:4:5:6:7:8:9/8'].filter(isCidr),
    ).toEqual([]);
  });
});
