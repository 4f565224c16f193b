import { describe, expect, it } from '@jest/globals';
import type { ClusterNodeStatus } from '@skyflow/contracts';
import { largestPods } from './largest-pods.js';

const node = (
  name: string,
  free: Record<string, number>,
  more: Partial<ClusterNodeStatus> = {},
): ClusterNodeStatus => ({
  name,
  ready: true,
  allocatable: free,
  free,
  ...more,
});

describe('the largest pods that fit', () => {
  it('are those of single nodes, by each resource', () => {
    const nodes = [
      node('a', { cpu: 3_000, memory: 1, pods: 5 }),
      node('b', { cpu: 1_000, memory: 8, pods: 5 }),
      node('c', { cpu: 500, memory: 2, pods: 5, 'nvidia.com/gpu': 2 }),
    ];
    expect(largestPods(nodes)).toEqual([
      { node: 'a', free: { cpu: 3_000, memory: 1 } },
      { node: 'b', free: { cpu: 1_000, memory: 8 } },
      { node: 'c', free: { cpu: 500, memory: 2, 'nvidia.com/gpu': 2 } },
    ]);
  });

  it('are shown once where one node is best in all, and never on a node that takes none', () => {
    const nodes = [
      node('z', { cpu: 2, memory: 2 }),
      node('b', { cpu: 2, memory: 2 }),
      node('cordoned', { cpu: 9, memory: 9 }, { unschedulable: true }),
      node('down', { cpu: 9, memory: 9 }, { ready: false }),
      node('tainted', { cpu: 9, memory: 9 }, { taints: [{ key: 'gpu', effect: 'NoSchedule' }] }),
      node('full', { cpu: 9, memory: 9, pods: 0 }),
    ];
    expect(largestPods(nodes)).toEqual([{ node: 'b', free: { cpu: 2, memory: 2 } }]);
    expect(largestPods([])).toEqual([]);
    expect(largestPods([node('a', { cpu: 0, memory: 0 })])).toEqual([]);
  });
});
