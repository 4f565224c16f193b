import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { NodeObservation } from '@skyflow/contracts';
import { canonicalJson } from '../native/fingerprint.js';
import { type ClusterObservation, nextClusterReport, withNodeChanges, withObservation } from './node-changes.js';

const observation = (nodes: NodeObservation[], changes: Partial<ClusterObservation> = {}): ClusterObservation => ({
  kubernetesVersion: 'v1.36.3',
  reachable: true,
  ...changes,
  nodes,
});
const node = (index: number, cpu = 1_000, labels = 0): NodeObservation => ({
  name: `n${String(index).padStart(5, '0')}`,
  ready: true,
  allocatable: { cpu },
  requestedByOthers: {},
  ...(labels > 0 ? { labels: { text: 'x'.repeat(labels) } } : {}),
});
const nodes = (count: number, labels = 0): NodeObservation[] =>
  Array.from({ length: count }, (_, index) => node(index, 1_000, labels));

/** Tells until nothing is left to tell; gives what the log then says, and the entries. */
function tell(last: ClusterObservation | undefined, next: ClusterObservation) {
  const entries: NonNullable<ReturnType<typeof nextClusterReport>>[] = [];
  let known = last;
  for (let report = nextClusterReport(known, next); report !== undefined; report = nextClusterReport(known, next)) {
    entries.push(report);
    known =
      report.type === 'ClusterObserved'
        ? withObservation(known, report.data)
        : { ...known!, nodes: withNodeChanges(known!.nodes, report.data) };
    if (entries.length > 1_000) throw new Error('it never ends');
  }
  return { known, entries };
}

describe('a cluster', () => {
  it('of few nodes is told whole each time', () => {
    const first = observation(nodes(50));
    const second = observation([...nodes(49), node(49, 5)]);
    expect(tell(undefined, first).entries).toEqual([{ type: 'ClusterObserved', data: first }]);
    expect(tell(first, second).entries).toEqual([{ type: 'ClusterObserved', data: second }]);
    expect(tell(first, first).entries).toEqual([]);
  });

  it('of 5,000 nodes with long labels is told in entries that a commit can hold, then only what changed', () => {
    const large = observation(nodes(5_000, 1_500));
    const { known, entries } = tell(undefined, large);
    expect(known).toEqual(large);
    for (const entry of entries) expect(JSON.stringify(entry).length).toBeLessThan(300 * 1024);
    const changed = observation([...nodes(4_999, 1_500), node(4_999, 5)]);
    expect(tell(large, changed).entries).toEqual([
      { type: 'NodesObserved', data: { nodes: [node(4_999, 5)], removed: [] } },
    ]);
    const away = { ...large, reachable: false, reason: 'ApiUnreachable', message: 'gone' };
    expect(tell(large, away).entries).toEqual([
      { type: 'ClusterObserved', data: { ...away, nodes: [], keepsNodes: true } },
    ]);
  });

  it('is known as it is whatever happens to it', () => {
    const some = fc.uniqueArray(
      fc.record({ index: fc.nat(120), cpu: fc.nat(3) }).map(({ index, cpu }) => node(index, cpu)),
      { selector: ({ name }) => name, maxLength: 120 },
    );
    const any = fc.tuple(some, fc.boolean()).map(([list, reachable]) =>
      observation(
        list.sort((a, b) => (a.name < b.name ? -1 : 1)),
        { reachable },
      ),
    );
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 5 }), (history) => {
        let known: ClusterObservation | undefined;
        for (const next of history) {
          ({ known } = tell(known, next));
          expect(canonicalJson(known)).toBe(canonicalJson(next));
        }
      }),
      { numRuns: 100 },
    );
  });
});
