/** The planner under random histories of many services, clusters and gateways: from the log to wanted endpoints, ports and peers. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { QUARANTINE_MS } from './leases.js';
import { nativeSlices, virtualEndpoints } from './native-service.js';
import { peersOf } from './planes.js';
import { endpoint, stored, World } from './testing/mesh-world.js';

const CLUSTERS = ['a', 'b', 'c'];
const SERVICES = ['web', 'api', 'db'];
const name = fc.constantFrom(...CLUSTERS);
const service = fc.constantFrom(...SERVICES);

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('observe' as const),
      service,
      cluster: name,
      hosts: fc.uniqueArray(fc.nat(6), { maxLength: 5 }),
    }),
  },
  fc.record({ do: fc.constant('gateway' as const), cluster: name, has: fc.boolean() }),
  fc.record({ do: fc.constant('settling' as const), cluster: name, is: fc.boolean() }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.nat(2 * QUARANTINE_MS) }),
  fc.record({
    do: fc.constant('edit' as const),
    service,
    cluster: fc.constantFrom(...CLUSTERS, 'auto'),
    plane: fc.constantFrom('auto', 'flat', 'gateway'),
    sources: fc.option(fc.uniqueArray(name), { nil: undefined }),
  }),
  fc.record({ do: fc.constant('delete' as const), service }),
  fc.record({ do: fc.constant('removed' as const), service, cluster: name }),
  { weight: 3, arbitrary: fc.record({ do: fc.constant('settle' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const uidOf = (each: string): string => `svc-${each}`;
const refOf = (each: string): { kind: string; namespace: string; name: string; uid: string } => ({
  kind: 'Service',
  namespace: 'default',
  name: each,
  uid: uidOf(each),
});

function replay(steps: readonly Step[]): World {
  const world = new World();
  CLUSTERS.forEach((cluster, at) => {
    world.cluster(cluster);
    world.gateway(cluster, `127.208.0.${at + 1}`);
  });
  let generation = 1;
  const specOf = (cluster: string, more: object = {}): object => ({
    ...{ cluster, type: 'ClusterIP', selector: { app: 'x' }, ports: [{ port: 80 }] },
    ...more,
  });
  for (const each of SERVICES) {
    world.add('sky.cmd.0', 'ObjectCreated', { object: stored('Service', each, uidOf(each), specOf('a')) });
  }
  world.settle();
  for (const each of steps) {
    if (each.do === 'observe') {
      const endpoints = each.hosts.map((host) => ({
        ...endpoint(host),
        uid: `${each.service}-${each.cluster}-${host}`,
      }));
      world.add(`sky.obs.${each.cluster}`, 'EndpointsObserved', { ref: refOf(each.service), endpoints });
    } else if (each.do === 'gateway') world.gateway(each.cluster, each.has ? '127.208.0.9' : undefined);
    else if (each.do === 'settling') world.settling(each.cluster, each.is);
    else if (each.do === 'wait') world.waitedMs += each.ms;
    else if (each.do === 'settle') world.settle();
    else if (each.do === 'delete') world.add('sky.cmd.0', 'ObjectDeleted', { ref: refOf(each.service) });
    else if (each.do === 'removed')
      world.add(`sky.obs.${each.cluster}`, 'ServiceRemoved', { ref: refOf(each.service) });
    else {
      const { cluster, plane, sources } = each;
      const spec = specOf(cluster, { plane, ...(sources === undefined ? {} : { sources }) });
      const object = stored('Service', each.service, uidOf(each.service), spec, ++generation);
      world.add('sky.cmd.0', 'ObjectUpdated', { object, expect: 0 });
    }
  }
  world.settle();
  return world;
}

const histories = fc.array(step, { maxLength: 30 });

describe('the planner, after any history of several services', () => {
  it('has nothing left to say, and no slice with two sources', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const world = replay(steps);
        expect(world.settle()).toBe(0);
        for (const [consumer, { services }] of world.agents) {
          for (const desired of services.values()) {
            const names = new Map<string, string>();
            for (const [source, { plane, endpoints }] of desired.remote) {
              expect(source).not.toBe(consumer);
              for (const { uid } of endpoints) expect(uid.split('-')[1]).toBe(source);
              const all = plane === 'flat' ? endpoints : virtualEndpoints(endpoints, '127.208.0.1', new Set());
              for (const { metadata } of nativeSlices(desired, source, all, { name: 'x', uid: 'u' }, true)) {
                expect(names.get(metadata.name) ?? source).toBe(source);
                names.set(metadata.name, source);
                expect(metadata.labels?.['multicluster.kubernetes.io/source-cluster']).toBe(source);
              }
            }
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('never has one port of a gateway lead to two pods, nor to another one before the quarantine is over', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const world = replay(steps);
        // From the log alone: by cluster and port, who had it last and until when it may have been meant.
        const held = new Map<string, { owner: string; lastMs: number }>();
        const now = new Map<string, Map<string, string>>();
        for (const { subject, at, type, data } of world.log) {
          if (!subject.startsWith('sky.work.')) continue;
          const entry = data as {
            ref?: { uid: string };
            object?: { metadata: { uid: string } };
            primary?: boolean;
            source?: string;
            endpoints?: { uid: string; leases?: { port: number }[] }[];
          };
          const uid = entry.ref?.uid ?? entry.object?.metadata.uid ?? '';
          for (const ports of now.values()) for (const [port, owner] of ports) held.set(port, { owner, lastMs: at });
          if (type === 'ServiceWithdrawn' || (type === 'ServiceAssigned' && entry.primary !== true)) {
            for (const key of now.keys()) if (key.startsWith(`${subject} ${uid} `)) now.delete(key);
          }
          if (type !== 'EndpointsAssigned') continue;
          const ports = new Map(
            (entry.endpoints ?? []).flatMap((each) =>
              (each.leases ?? []).map(({ port }) => [`${subject} ${port}`, each.uid] as [string, string]),
            ),
          );
          now.set(`${subject} ${uid} ${entry.source ?? ''}`, ports);
          for (const [port, owner] of ports) {
            const before = held.get(port);
            if (before !== undefined && before.owner !== owner) {
              expect(at - before.lastMs).toBeGreaterThanOrEqual(QUARANTINE_MS);
            }
          }
          const all = [...now.entries()]
            .filter(([key]) => key.startsWith(`${subject} `))
            .flatMap(([, each]) => [...each.keys()]);
          expect(new Set(all).size).toBe(all.length);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('knows the same peers whether they were worked out before or are now', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const { state } = replay(steps);
        const afresh = { ...state };
        for (const cluster of CLUSTERS) {
          expect(peersOf(state, cluster)).toEqual(peersOf(afresh, cluster));
          expect(JSON.stringify(peersOf(state, cluster))).toBe(state.clusters.get(cluster)?.peers);
        }
      }),
      { numRuns: 30 },
    );
  });
});
