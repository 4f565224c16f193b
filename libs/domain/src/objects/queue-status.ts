/** Status of a Queue: what it and the queues below it use, how much of it is borrowed, who waits. */
import type { QueueSpec, QueueStatus, ResourceList, ResourceQuota } from '@skyflow/contracts';
import { InvalidQuantityError } from '../resources/quantity.js';
import { addResources, parseAmount } from '../resources/resource-list.js';
import type { ObjectRecord } from './object-record.js';
import type { ObjectTable } from './object-table.js';
import type { QueueBook, QueueFigures } from './queue-book.js';

/** Spec of a stored Queue; nothing of one that is only being answered (its record has no text). */
export const queueSpecOf = (record: ObjectRecord): QueueSpec =>
  record.body === '' ? {} : ((JSON.parse(record.body) as { spec?: QueueSpec }).spec ?? {});

export function queueStatus(record: ObjectRecord, table: ObjectTable, book: QueueBook): QueueStatus {
  const own = book.figures(record.name);
  const used = usedBelow(record.name, own, childrenIn(table), book, new Set());
  return {
    used,
    borrowed: borrowedOf(used, queueSpecOf(record).quotas ?? []),
    admitted: own.admitted,
    waiting: own.waiting,
    ...(own.oldest !== undefined && { oldestWaitingSince: own.oldest }),
  };
}

/** Names of the queues below each. */
function childrenIn(table: ObjectTable): Map<string, string[]> {
  const children = new Map<string, string[]>();
  for (const record of table.ordered('Queue')) {
    const { parent } = queueSpecOf(record);
    if (parent === undefined) continue;
    children.set(parent, [...(children.get(parent) ?? []), record.name]);
  }
  return children;
}

function usedBelow(
  name: string,
  { used }: QueueFigures,
  children: ReadonlyMap<string, string[]>,
  book: QueueBook,
  seen: Set<string>,
): ResourceList {
  seen.add(name);
  let sum = withoutNothing(used);
  for (const child of children.get(name) ?? []) {
    if (!seen.has(child)) sum = addResources(sum, usedBelow(child, book.figures(child), children, book, seen));
  }
  return sum;
}

function borrowedOf(used: ResourceList, quotas: readonly ResourceQuota[]): ResourceList {
  return Object.fromEntries(
    quotas.flatMap(({ resource, nominal }) => {
      const beyond = (used[resource] ?? 0) - amountOf(resource, nominal);
      return beyond > 0 ? [[resource, beyond]] : [];
    }),
  );
}

/** A status is given whatever is stored. */
function amountOf(resource: string, nominal: string | number): number {
  try {
    return parseAmount(resource, nominal);
  } catch (error) {
    if (error instanceof InvalidQuantityError) return 0;
    throw error;
  }
}

const withoutNothing = (list: Readonly<ResourceList>): ResourceList =>
  Object.fromEntries(Object.entries(list).filter(([, amount]) => amount !== 0));
