/** Merging exports under every order and mixture of Services. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ExportedService } from '@skyflow/contracts';
import { type ClusterExport, exportVerdict, mergeExports } from './merge-exports.js';

const port = fc.record({
  name: fc.constantFrom('', 'a', 'b', 'c'),
  protocol: fc.constantFrom('TCP' as const, 'UDP' as const),
  port: fc.constantFrom(80, 81, 82),
});
const service: fc.Arbitrary<ExportedService> = fc.record({
  creationTimestamp: fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'),
  type: fc.constantFrom('ClusterIP', 'NodePort', 'ExternalName'),
  clusterIP: fc.constantFrom('None', undefined),
  selector: fc.constantFrom({}, { app: 'x' }),
  // As any API server has it: names are single, and so are pairs of protocol and number.
  ports: fc
    .uniqueArray(port, { selector: ({ name }) => name, minLength: 1, maxLength: 3 })
    .map((ports) => ports.filter((each, at) => ports.findIndex((one) => key(one) === key(each)) === at)),
  sessionAffinity: fc.constantFrom('None' as const, 'ClientIP' as const),
  trafficDistribution: fc.constantFrom('PreferClose', undefined),
});
const key = ({ protocol = 'TCP', port: number }: { protocol?: string | undefined; port: number }): string =>
  `${protocol} ${number}`;

const exports: fc.Arbitrary<ClusterExport[]> = fc.uniqueArray(
  fc.record({
    cluster: fc.constantFrom('a', 'b', 'c', 'd'),
    exportedAt: fc.constantFrom('2026-02-01T00:00:00Z', '2026-02-02T00:00:00Z'),
    service: fc.option(service, { nil: undefined }),
    labels: fc.constantFrom<Record<string, string>>({}, { x: '1' }),
    annotations: fc.constant<Record<string, string>>({}),
  }),
  { selector: ({ cluster }) => cluster, minLength: 1, maxLength: 4 },
);

describe('merging exports', () => {
  it('does not depend on the order in which they are known', () => {
    fc.assert(
      fc.property(exports, (all) => {
        const text = (plan: ReturnType<typeof mergeExports>): string =>
          JSON.stringify(plan, (_, value: unknown) => (value instanceof Map ? [...value] : value));
        expect(text(mergeExports([...all].reverse()))).toBe(text(mergeExports(all)));
      }),
    );
  });

  it('gives a Service that an API server takes, of the valid exports and no other', () => {
    fc.assert(
      fc.property(exports, (all) => {
        const plan = mergeExports(all);
        const valid = all.filter((each) => exportVerdict(each).valid).map(({ cluster }) => cluster);
        expect([...(plan?.exporters.keys() ?? [])].sort()).toEqual(valid.sort());
        if (plan === undefined) return;
        const names = plan.spec.ports.map(({ name }) => name ?? '');
        expect(new Set(names).size).toBe(names.length);
        if (names.length > 1) expect(names).not.toContain('');
        const numbers = plan.spec.ports.map(key);
        expect(new Set(numbers).size).toBe(numbers.length);
      }),
    );
  });

  it('leads a port only to clusters that expose it under that number, and every port somewhere', () => {
    fc.assert(
      fc.property(exports, (all) => {
        const plan = mergeExports(all);
        if (plan === undefined) return;
        const led = new Set<string>();
        for (const [cluster, { ports }] of plan.exporters) {
          const own = all.find((each) => each.cluster === cluster)?.service?.ports ?? [];
          for (const each of ports) {
            expect(plan.spec.ports.find(({ name }) => name === each.name)).toMatchObject({ port: each.port });
            expect(own.map(key)).toContain(key(each));
            led.add(key(each));
          }
        }
        expect([...led].sort()).toEqual(plan.spec.ports.map(key).sort());
      }),
    );
  });

  it('finds no conflict among exports that say the same, and one where ports differ', () => {
    fc.assert(
      fc.property(service, fc.constantFrom('b', 'c'), (one, other) => {
        const make = (cluster: string, made: ExportedService): ClusterExport => ({
          ...{ cluster, exportedAt: '2026-02-01T00:00:00Z', service: made, labels: {}, annotations: {} },
        });
        const same = mergeExports([make('a', one), make(other, one)]);
        expect(same?.conflicts ?? []).toEqual([]);
        const more = { ...one, ports: [...one.ports, { name: 'more', port: 9_999 }] };
        const differs = mergeExports([make('a', one), make(other, more)]);
        if (one.type !== 'ExternalName')
          expect(differs?.conflicts.map(({ reason }) => reason)).toContain('PortConflict');
      }),
    );
  });
});
