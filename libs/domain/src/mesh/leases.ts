/**
 * Ports of a gateway, each leased to one pod of another cluster ("virtual endpoints"). A port that was given back is quarantined
 * before anyone gets it again: rules and connections that still mean the old pod must have died out, or one service's bytes would
 * reach another's pod. Ports are given out in a ring, so that most are never met again for much longer.
 */
import type { AssignedEndpoint, Endpoint } from '@skyflow/contracts';

/** Below the ports that kernels give out (32768) and node ports (30000). */
export const LEASED_PORTS = { first: 20_000, last: 29_999 };
/** Longer than kube-proxy takes to follow and than conntrack keeps a half-closed connection (120 s). */
export const QUARANTINE_MS = 180_000;
/** Virtual endpoints of one service and source; with more pods than that, several share one. */
export const MOST_VIRTUAL = 512;

export interface PortBook {
  leased: Set<number>;
  /** When each was given back, ms since the epoch. */
  freed: Map<number, number>;
  /** The port given out last. */
  last: number;
}

export type PodLeases = AssignedEndpoint['leases'] & {};

export const emptyPorts = (): PortBook => ({ leased: new Set(), freed: new Map(), last: LEASED_PORTS.last });

/** The fold: what was leased becomes what is. Changes the book in place. */
export function relet(book: PortBook, before: Iterable<PodLeases>, now: Iterable<PodLeases>, atMs: number): void {
  const next = portsOf(now);
  for (const port of portsOf(before)) {
    if (next.has(port)) continue;
    book.leased.delete(port);
    book.freed.set(port, atMs);
  }
  for (const port of next) {
    if (book.leased.has(port)) continue;
    book.leased.add(port);
    book.freed.delete(port);
    book.last = port;
  }
}

/**
 * Leases for the endpoints of one source; of protocols that gateways carry, and an endpoint without any is left out. Who has ports keeps them; a newcomer gets new ones, or, when there are as many as there
 * may be, shares those of the pod that has the fewest companions. No port is left: the endpoint is left out.
 * @param taken ports that were promised to others meanwhile; those given out here are added.
 */
export function leaseEndpoints(
  endpoints: readonly Endpoint[],
  had: ReadonlyMap<string, PodLeases>,
  book: PortBook,
  { nowMs, taken, most = MOST_VIRTUAL }: { nowMs: number; taken: Set<number>; most?: number },
): AssignedEndpoint[] {
  const sharers = new Map<string, { leases: PodLeases; pods: number }>();
  const join = (leases: PodLeases): PodLeases => {
    const key = JSON.stringify(leases);
    sharers.set(key, { leases, pods: (sharers.get(key)?.pods ?? 0) + 1 });
    return leases;
  };
  const kept = new Map<string, PodLeases>();
  for (const endpoint of endpoints) {
    const leases = had.get(endpoint.uid);
    if (leases !== undefined && fits(endpoint, leases)) kept.set(endpoint.uid, join(leases));
  }
  return endpoints.flatMap((endpoint) => {
    const leases = kept.get(endpoint.uid) ?? newcomer(endpoint);
    return leases === undefined ? [] : [{ ...endpoint, leases }];
  });

  function newcomer({ ports }: Endpoint): PodLeases | undefined {
    const names = namesOf(ports);
    if (names.length === 0) return undefined;
    const alike = [...sharers.values()].filter(({ leases }) => sameNames(leases, names));
    if (sharers.size < most || alike.length === 0) {
      const leases = names.flatMap((name) => {
        const port = freePort(book, taken, nowMs);
        if (port === undefined) return [];
        taken.add(port);
        return [{ name, port }];
      });
      if (leases.length === names.length) return join(leases);
      for (const { port } of leases) taken.delete(port);
    }
    const [least] = alike.sort((a, b) => a.pods - b.pods || (leaseText(a) < leaseText(b) ? -1 : 1));
    return least === undefined ? undefined : join(least.leases);
  }
}

/** The next port of the ring that is neither leased, nor promised, nor in quarantine. */
function freePort({ leased, freed, last }: PortBook, taken: ReadonlySet<number>, nowMs: number): number | undefined {
  const count = LEASED_PORTS.last - LEASED_PORTS.first + 1;
  for (let step = 1; step <= count; step++) {
    const port = LEASED_PORTS.first + ((last - LEASED_PORTS.first + step) % count);
    const freedAt = freed.get(port);
    if (leased.has(port) || taken.has(port) || (freedAt !== undefined && nowMs - freedAt < QUARANTINE_MS)) continue;
    return port;
  }
  return undefined;
}

const fits = ({ ports }: Endpoint, leases: PodLeases): boolean => sameNames(leases, namesOf(ports));

/** Ports that gateways carry: TCP. */
const namesOf = (ports: Endpoint['ports']): string[] =>
  ports.flatMap(({ name, protocol }) => (protocol === 'TCP' ? [name] : []));

const sameNames = (leases: PodLeases, names: readonly string[]): boolean =>
  leases.length === names.length && leases.every(({ name }, at) => name === names[at]);

const leaseText = ({ leases }: { leases: PodLeases }): string => JSON.stringify(leases);

const portsOf = (leases: Iterable<PodLeases>): Set<number> =>
  new Set([...leases].flatMap((each) => each.map(({ port }) => port)));
