/**
 * Ranges of pod and service addresses, leased so that no two clusters of the super-cluster have the same: without that their pods could never
 * be reached from one another without translation.
 */

export interface CidrPair {
  podCidr: string;
  serviceCidr: string;
}

interface Range {
  first: number;
  last: number;
}

/** The range of an IPv4 CIDR whose host bits are zero; undefined if it is none. */
export function cidrRange(cidr: string): Range | undefined {
  const [, address = '', bits = ''] = /^([\d.]+)\/(\d{1,2})$/.exec(cidr) ?? [];
  const first = addressNumber(address);
  const prefix = Number(bits);
  if (first === undefined || bits === '' || prefix > 32) return undefined;
  const size = 2 ** (32 - prefix);
  return first % size === 0 ? { first, last: first + size - 1 } : undefined;
}

/** An IPv4 address as a number; undefined if it is none. */
export function addressNumber(address: string): number | undefined {
  const parts = address.split('.');
  if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function overlaps(a: string, b: string): boolean {
  const [one, other] = [cidrRange(a), cidrRange(b)];
  return one !== undefined && other !== undefined && one.first <= other.last && other.first <= one.last;
}

/** Whether an address, or text that is none, lies in the range. */
function holds(cidr: string, address: string): boolean {
  const [range, number] = [cidrRange(cidr), addressNumber(address)];
  return range !== undefined && number !== undefined && range.first <= number && number <= range.last;
}

/** RKE's own defaults are the first pair: a super-cluster of one cluster looks as people know it. */
const FIRST_OCTET = 42;
const LAST_OCTET = 254;

/**
 * The first free pair of /16: neither leased nor around a machine's address. What the user names is taken if it is free.
 * Undefined with the reason when there is none.
 */
export function leaseCidrs(
  wanted: Partial<CidrPair>,
  leased: readonly (CidrPair & { cluster: string })[],
  addresses: readonly string[],
): { ok: true; pair: CidrPair } | { ok: false; reason: string } {
  const conflictOf = (cidr: string): string | undefined => {
    const owner = leased.find(({ podCidr, serviceCidr }) => overlaps(cidr, podCidr) || overlaps(cidr, serviceCidr));
    if (owner !== undefined) {
      return `${cidr} overlaps the ranges of cluster ${owner.cluster} (${owner.podCidr}, ${owner.serviceCidr})`;
    }
    const inside = addresses.find((address) => holds(cidr, address));
    return inside === undefined ? undefined : `${cidr} contains the address of machine ${inside}`;
  };
  const named = [wanted.podCidr, wanted.serviceCidr].filter((cidr) => cidr !== undefined);
  for (const cidr of named) {
    const conflict = conflictOf(cidr);
    if (conflict !== undefined) return { ok: false, reason: conflict };
  }
  const isFree = (cidr: string): boolean =>
    conflictOf(cidr) === undefined && named.every((other) => !overlaps(cidr, other));
  const pair: Partial<CidrPair> = { ...wanted };
  for (let octet = FIRST_OCTET; octet < LAST_OCTET; octet += 2) {
    const [pods, services] = [`10.${String(octet)}.0.0/16`, `10.${String(octet + 1)}.0.0/16`];
    if (!isFree(pods) || !isFree(services)) continue;
    pair.podCidr ??= pods;
    pair.serviceCidr ??= services;
    break;
  }
  const { podCidr, serviceCidr } = pair;
  if (podCidr === undefined || serviceCidr === undefined) {
    return { ok: false, reason: 'all ranges from 10.42.0.0/16 to 10.255.0.0/16 are taken; name free ones in network' };
  }
  return { ok: true, pair: { podCidr, serviceCidr } };
}
