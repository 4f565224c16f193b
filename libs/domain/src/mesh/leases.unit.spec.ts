/** Leases of ports, by themselves. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { emptyPorts, leaseEndpoints, LEASED_PORTS, type PodLeases, QUARANTINE_MS, relet } from './leases.js';
import { endpoint } from './testing/mesh-world.js';

const none = new Map<string, PodLeases>();

describe('leases of ports', () => {
  it('gives one to each pod until there are as many as there may be; then pods share, evenly', () => {
    const endpoints = Array.from({ length: 10 }, (_, at) => endpoint(at));
    const leased = leaseEndpoints(endpoints, none, emptyPorts(), { nowMs: 0, taken: new Set(), most: 4 });
    const pods = new Map<number, number>();
    for (const { leases = [] } of leased) for (const { port } of leases) pods.set(port, (pods.get(port) ?? 0) + 1);
    expect([...pods.values()].sort()).toEqual([2, 2, 3, 3]);
  });

  it('goes round the ring, and waits for the quarantine where the ring has closed', () => {
    const book = emptyPorts();
    const whole = LEASED_PORTS.last - LEASED_PORTS.first + 1;
    const all = Array.from({ length: whole }, (_, at) => [{ name: '', port: LEASED_PORTS.first + at }]);
    relet(book, [], all, 0);
    const take = (nowMs: number): number | undefined =>
      leaseEndpoints([endpoint(1)], none, book, { nowMs, taken: new Set() })[0]?.leases?.[0]?.port;
    expect(take(0)).toBeUndefined();
    relet(book, all.slice(5, 6), [], 1_000);
    expect(take(1_000 + QUARANTINE_MS - 1)).toBeUndefined();
    expect(take(1_000 + QUARANTINE_MS)).toBe(LEASED_PORTS.first + 5);
  });

  it('changes nothing for those that stay, and promises no port twice', () => {
    const hosts = fc.uniqueArray(fc.nat(30));
    fc.assert(
      fc.property(fc.array(hosts, { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 8 }), (rounds, most) => {
        const book = emptyPorts();
        let had = new Map<string, PodLeases>();
        rounds.forEach((round, at) => {
          const taken = new Set<number>();
          const terms = { nowMs: at * QUARANTINE_MS, taken, most };
          const leased = leaseEndpoints(
            round.map((host) => endpoint(host)),
            had,
            book,
            terms,
          );
          const next = new Map(leased.map(({ uid, leases = [] }) => [uid, leases]));
          for (const [uid, leases] of next) if (had.has(uid)) expect(leases).toEqual(had.get(uid));
          for (const port of taken) expect(book.leased.has(port)).toBe(false);
          relet(book, had.values(), next.values(), at * QUARANTINE_MS);
          had = next;
        });
        expect(book.leased.size).toBe(new Set([...had.values()].flat().map(({ port }) => port)).size);
      }),
    );
  });
});
