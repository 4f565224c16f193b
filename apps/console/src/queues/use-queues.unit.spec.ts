import { describe, expect, it } from '@jest/globals';
import type { Queue } from '@skyflow/contracts';
import { withStatus } from './use-queues.js';

const queue = (uid: string, admitted?: number): Queue =>
  ({
    metadata: { name: uid, uid },
    spec: {},
    ...(admitted === undefined ? {} : { status: { admitted, waiting: 0, used: {}, borrowed: {} } }),
  }) as unknown as Queue;

describe('queues', () => {
  it('are those that are told, with the status that was read of them', () => {
    const shown = withStatus([queue('a', 0), queue('b', 1)], [queue('a', 5), queue('gone', 7)]);
    expect(shown.map(({ metadata, status }) => [metadata.name, status?.admitted])).toEqual([
      ['a', 5],
      ['b', 1],
    ]);
  });
});
