import { describe, expect, it } from '@jest/globals';
import type { Queue } from '@skyflow/contracts';
import { queueTree, quotaUses } from './queue-tree.js';

const queue = (name: string, spec: Queue['spec'] = {}): Queue => ({
  apiVersion: 'skyflow.io/v1',
  kind: 'Queue',
  metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '' },
  spec,
});
const shape = (queues: Queue[]): [string, number][] =>
  queueTree(queues).map(({ queue: { metadata }, depth }) => [metadata.name, depth]);

describe('queues', () => {
  it('are below their parents; whatever their parents, none is lost', () => {
    expect(
      shape([queue('b', { parent: 'a' }), queue('c', { parent: 'gone' }), queue('a'), queue('d', { parent: 'b' })]),
    ).toEqual([
      ['a', 0],
      ['b', 1],
      ['d', 2],
      ['c', 0],
    ]);
    expect(shape([queue('x', { parent: 'y' }), queue('y', { parent: 'x' }), queue('z', { parent: 'z' })])).toHaveLength(
      3,
    );
  });

  it('use what they are sure of, and beyond', () => {
    const spec = {
      quotas: [
        { resource: 'cpu', nominal: '2', borrowingLimit: 1 },
        { resource: 'memory', nominal: '1Ki' },
      ],
    };
    const status = { used: { cpu: 2500, 'x/gpu': 1, pods: 4 }, borrowed: { cpu: 500 }, admitted: 1, waiting: 0 };
    expect(quotaUses({ spec, status })).toEqual([
      { resource: 'cpu', nominal: 2000, most: 3000, used: 2500, borrowed: 500 },
      { resource: 'memory', nominal: 1024, most: undefined, used: 0, borrowed: 0 },
      { resource: 'x/gpu', nominal: undefined, most: undefined, used: 1, borrowed: 0 },
    ]);
  });
});
