/** Exports under random histories: what is decided is decided once, follows from the log alone, and leaves nothing behind. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeMesh, encodeMesh } from '../snapshot.js';
import { helloService, McsWorld } from '../testing/mcs-world.js';
import { exportVerdict } from './merge-exports.js';
import { exportsOf } from './export-book.js';

const CLUSTERS = ['c1', 'c2', 'c3'];
const KEY = 'default/hello';
const cluster = fc.constantFrom(...CLUSTERS);
const step = fc.oneof(
  fc.record({
    do: fc.constant('has' as const),
    cluster,
    service: fc.constantFrom('none', 'plain', 'other port', 'headless', 'external'),
    declaredAt: fc.option(fc.nat(3), { nil: undefined }),
  }),
  fc.record({ do: fc.constant('export' as const), clusters: fc.option(fc.subarray(CLUSTERS, { minLength: 1 })) }),
  fc.record({ do: fc.constant('unexport' as const) }),
  fc.record({ do: fc.constant('run' as const), pods: fc.dictionary(cluster, fc.nat(3)) }),
  fc.record({ do: fc.constant('lose' as const), cluster }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const SERVICES = {
  none: undefined,
  plain: helloService(),
  'other port': helloService({ ports: [{ name: 'tcp', port: 4242 }] }),
  headless: helloService({ clusterIP: 'None' }),
  external: helloService({ type: 'ExternalName', selector: {} }),
};

function replay(steps: readonly Step[], after: (world: McsWorld) => void): McsWorld {
  const world = new McsWorld(CLUSTERS);
  let isExported = false;
  for (const each of steps) {
    if (each.do === 'has') {
      const declared = each.declaredAt === undefined ? undefined : { at: each.declaredAt };
      world.has(each.cluster, SERVICES[each.service], declared);
    } else if (each.do === 'export' && !isExported) {
      world.exports(each.clusters === null ? {} : { clusters: each.clusters });
      isExported = true;
    } else if (each.do === 'unexport' && isExported) {
      world.unexports();
      isExported = false;
    } else if (each.do === 'run') world.run(each.pods);
    else if (each.do === 'lose') {
      const ref = { kind: 'Cluster', name: each.cluster, uid: `uid-${each.cluster}` };
      world.add('sky.cmd.0', 'ObjectDeleted', { ref, force: true });
      world.settle();
    }
    after(world);
  }
  if (isExported) world.unexports();
  return world;
}

describe('exports under any history', () => {
  it('are decided once: deciding again gives nothing', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 15 }), (steps) => {
        replay(steps, (world) => expect(world.settle()).toBe(0));
      }),
      { numRuns: 60 },
    );
  });

  it('are imported exactly while a valid one is there, by every cluster, and by Services of one source per slice and port', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 15 }), (steps) => {
        replay(steps, (world) => {
          const { state } = world;
          const book = state.exports.get(KEY);
          const isThere = book !== undefined && exportsOf(state, book).some((each) => exportVerdict(each).valid);
          expect(world.import !== undefined).toBe(isThere);
          const importing = [...state.services.values()].filter(({ deleting }) => !deleting);
          expect(importing.map(({ derived }) => derived?.cluster).sort()).toEqual(
            isThere ? [...state.clusters.keys()].sort() : [],
          );
          for (const agent of world.agents.values()) {
            const ports = [...agent.services.values()].flatMap(({ remote }) =>
              [...remote.values()].flatMap(({ endpoints }) => endpoints.flatMap(({ leases = [] }) => leases)),
            );
            expect(new Set(ports.map(({ port }) => port)).size).toBe(ports.length);
          }
        });
      }),
      { numRuns: 60 },
    );
  });

  it('leave nothing behind, and a snapshot is the state', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
        const world = replay(steps, () => undefined);
        const pieces = (async function* () {
          for (const piece of encodeMesh(world.state)) yield await Promise.resolve(JSON.parse(JSON.stringify(piece)));
        })();
        const again = await decodeMesh(pieces);
        expect(again.services).toEqual(world.state.services);
        expect(again.exports).toEqual(world.state.exports);
        for (const name of CLUSTERS) if (world.state.clusters.has(name)) world.has(name, undefined);
        for (let round = 0; round < 3; round++) world.run();
        expect(world.state.services.size).toBe(0);
        expect(world.state.exports.size).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
