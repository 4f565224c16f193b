/** Networks as prefixes (RFC 4632, RFC 4291): whether an address is inside one, whether two overlap, the fewest that say the same. Pure. */

interface Prefix {
  /** 4 or 6. */
  version: number;
  /** First address. */
  first: bigint;
  /** Last address. */
  last: bigint;
}

const BITS = { 4: 32n, 6: 128n } as const;

/** Whether it is `address/length`, IPv4 or IPv6. */
export const isCidr = (text: string): boolean => prefixOf(text) !== undefined;

/** Whether an address is in one of the networks. What is no address, or no network, is in none. */
export function isInside(address: string, cidrs: readonly string[]): boolean {
  const found = addressOf(address);
  if (found === undefined) return false;
  return cidrs.some((cidr) => {
    const prefix = prefixOf(cidr);
    return prefix?.version === found.version && prefix.first <= found.value && found.value <= prefix.last;
  });
}

/** The first pair of networks of two lists that have addresses in common. */
export function overlapOf(ours: readonly string[], theirs: readonly string[]): [string, string] | undefined {
  for (const one of ours) {
    for (const other of theirs) {
      const [a, b] = [prefixOf(one), prefixOf(other)];
      if (a === undefined || b?.version !== a.version) continue;
      if (a.first <= b.last && b.first <= a.last) return [one, other];
    }
  }
  return undefined;
}

/** The same addresses in as few networks as can be, sorted: a cluster of a thousand nodes says in one line what it has. */
export function mergedCidrs(cidrs: readonly string[]): string[] {
  const spans = cidrs
    .flatMap((cidr) => prefixOf(cidr) ?? [])
    .sort((a, b) => a.version - b.version || compare(a.first, b.first));
  const joined: Prefix[] = [];
  for (const span of spans) {
    const before = joined.at(-1);
    if (before?.version !== span.version || span.first > before.last + 1n) joined.push({ ...span });
    else if (span.last > before.last) before.last = span.last;
  }
  return joined.flatMap(prefixesOf);
}

/** The largest prefixes that make up a span. */
function prefixesOf({ version, first, last }: Prefix): string[] {
  const bits = BITS[version as 4 | 6];
  const found: string[] = [];
  for (let at = first; at <= last;) {
    let host = 0n;
    while (host < bits && at % (1n << (host + 1n)) === 0n && at + (1n << (host + 1n)) - 1n <= last) host += 1n;
    found.push(`${textOf(version, at)}/${bits - host}`);
    at += 1n << host;
  }
  return found;
}

function prefixOf(text: string): Prefix | undefined {
  const [place = '', length = ''] = text.split('/', 2);
  const address = addressOf(place);
  if (address === undefined || !/^\d{1,3}$/.test(length)) return undefined;
  const bits = BITS[address.version as 4 | 6];
  const size = BigInt(length);
  if (size > bits) return undefined;
  const host = (1n << (bits - size)) - 1n;
  const first = address.value - (address.value & host);
  return { version: address.version, first, last: first + host };
}

function addressOf(text: string): { version: number; value: bigint } | undefined {
  if (!text.includes(':')) {
    const value = ipv4(text);
    return value === undefined ? undefined : { version: 4, value };
  }
  const value = ipv6(text);
  return value === undefined ? undefined : { version: 6, value };
}

function ipv4(text: string): bigint | undefined {
  const octets = text.split('.');
  if (octets.length !== 4 || octets.some((octet) => !/^\d{1,3}$/.test(octet) || Number(octet) > 255)) return undefined;
  return octets.reduce((value, octet) => (value << 8n) + BigInt(octet), 0n);
}

function ipv6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map(groupsOf);
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  if (groups.some((group) => !/^[\da-f]{1,4}$/i.test(group))) return undefined;
  return groups.reduce((value, group) => (value << 16n) + BigInt(`0x${group}`), 0n);
}

/** The last group may be an IPv4 address, which is two. */
function groupsOf(half: string): string[] {
  if (half === '') return [];
  return half.split(':').flatMap((group, at, all) => {
    const value = at === all.length - 1 && group.includes('.') ? ipv4(group) : undefined;
    return value === undefined ? [group] : [(value >> 16n).toString(16), (value & 0xffffn).toString(16)];
  });
}

function textOf(version: number, value: bigint): string {
  if (version === 4) return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
  const groups = Array.from({ length: 8 }, (_, at) => ((value >> BigInt(112 - 16 * at)) & 0xffffn).toString(16));
  // The longest run of zeros is left out (RFC 5952).
  const runs = [...groups.join(':').matchAll(/(?:^|:)(?:0(?::|$)){2,}/g)].map(([run]) => run);
  const [longest] = runs.sort((a, b) => b.length - a.length);
  return longest === undefined ? groups.join(':') : groups.join(':').replace(longest, '::');
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
