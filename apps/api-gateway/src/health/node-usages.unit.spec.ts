import { describe, expect, it } from '@jest/globals';
import { NodeUsages } from './node-usages.js';

const report = (at: number, part: number, parts: number, nodes: Record<string, Record<string, number>>) => ({
  cluster: 'onprem',
  uid: 'u1',
  at,
  part,
  parts,
  nodes,
});
const known = (usages: NodeUsages) => {
  const usage = usages.of('onprem', 'u1');
  return usage && { atMs: usage.atMs, requested: Object.fromEntries(usage.requested) };
};

describe('what SkyFlow takes of the nodes of a cluster', () => {
  it('is known once all parts of a report have come, until the next is whole', () => {
    const usages = new NodeUsages();
    usages.take(report(1, 0, 2, { a: { cpu: 1 } }));
    expect(known(usages)).toBeUndefined();
    usages.take(report(1, 1, 2, { b: { cpu: 2 } }));
    expect(known(usages)).toEqual({ atMs: 1, requested: { a: { cpu: 1 }, b: { cpu: 2 } } });
    usages.take(report(2, 1, 2, { b: { cpu: 9 } }));
    expect(known(usages)?.atMs).toBe(1);
    usages.take(report(3, 0, 1, {}));
    expect(known(usages)).toEqual({ atMs: 3, requested: {} });
    usages.take(report(2, 0, 2, { a: { cpu: 9 } }));
    expect(known(usages)?.atMs).toBe(3);
  });

  it('is that of this Cluster object, not of one before it with the same name', () => {
    const usages = new NodeUsages();
    usages.take(report(1, 0, 1, {}));
    expect(usages.of('onprem', 'older')).toBeUndefined();
    expect(usages.of('cloud', 'u1')).toBeUndefined();
  });
});
