/** Quotas of a tree; the cases follow the rules that Kueue's KEP-79 and its documentation of cohorts give, worked out by hand. */
import { describe, expect, it } from '@jest/globals';
import { newResourceColumns } from '../resource-columns.js';
import { type QuotaRecord, type QueueRecord, queueWithoutObject } from './queue-record.js';
import { availableAt, borrowedAt, queueTree, replicasWithin } from './queue-tree.js';

const columns = newResourceColumns(['cpu', 'memory', 'pods']);

const queue = (name: string, parent: string | undefined, cpu?: QuotaRecord): [string, QueueRecord] => [
  name,
  { ...queueWithoutObject(name), parent, quotas: cpu === undefined ? {} : { cpu } },
];

const available = (queues: [string, QueueRecord][], used: Record<string, number>, name: string): number => {
  const usage = new Map(Object.entries(used).map(([queueName, cpu]) => [queueName, [cpu]]));
  const leaf = queueTree(new Map(queues), [], usage, columns).leaves.get(name);
  if (leaf === undefined) throw new Error(`no queue ${name}`);
  return availableAt(leaf, 0);
};

describe('what a queue may still use', () => {
  const alone = [queue('q', undefined, { nominal: 10 })];
  const pair = (a: Partial<QuotaRecord>, b: Partial<QuotaRecord>) => [
    queue('root', undefined),
    queue('a', 'root', { nominal: 6, ...a }),
    queue('b', 'root', { nominal: 4, ...b }),
  ];
  const deep = [
    queue('top', undefined, { nominal: 2 }),
    queue('left', 'top', { nominal: 3, lending: 1 }),
    queue('right', 'top', { nominal: 1, borrowing: 2 }),
    queue('leaf', 'left', { nominal: 2 }),
  ];
  it.each([
    ['its nominal quota, alone', alone, {}, 'q', 10],
    ['less what it uses', alone, { q: 7 }, 'q', 3],
    ['no less than nothing is left when it uses more than was cut down', alone, { q: 12 }, 'q', -2],
    ['what its siblings leave', pair({}, {}), { b: 1 }, 'a', 9],
    ['no more than its borrowing limit', pair({ borrowing: 2 }, {}), {}, 'a', 8],
    ['no more than its siblings lend', pair({}, { lending: 1 }), {}, 'a', 7],
    ['its own, whatever others have borrowed of the rest', pair({ lending: 2 }, {}), { b: 6 }, 'a', 4],
    ['nothing of what is borrowed from it, until it comes back', pair({}, {}), { b: 10 }, 'a', 0],
    ['the quota of a parent', deep, {}, 'leaf', 2 + 3 + 2 + 1],
    ['the same, while it is bounded above it', deep, { leaf: 3 }, 'right', 1 + 2],
    ['nothing more, once its limit is used up', deep, { right: 3 }, 'right', 0],
  ])('is %s', (_what, queues, used, name, expected) => {
    expect(available(queues, used, name)).toBe(expected);
  });

  it('is not limited for a resource that no queue of its tree has a quota for', () => {
    const leaf = queueTree(new Map(alone), [], new Map(), columns).leaves.get('q');
    expect(leaf && availableAt(leaf, 1)).toBe(Number.POSITIVE_INFINITY);
    expect(leaf && replicasWithin(leaf, { columns: [0, 1], amounts: [3, 1] })).toBe(3);
  });

  it('is also said of a queue with queues below it, whose own workloads borrow from them', () => {
    expect(available(deep, { left: 2 }, 'leaf')).toBe(6);
    const node = queueTree(new Map(deep), [], new Map([['leaf', [5]]]), columns).nodes.get('left');
    expect(node && borrowedAt(node, 0)).toBe(2);
  });

  it('takes parents in a circle for none', () => {
    expect(available([queue('a', 'b', { nominal: 1 }), queue('b', 'a', { nominal: 2 })], {}, 'a')).toBe(3);
  });
});
