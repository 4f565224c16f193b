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
  const children = childrenIn(table);
  const used = usedBelow(record.name, own, children, book, new Set());
  return {
    used,
    borrowed: borrowedOf(used, quotasBelow(record, table, children, new Set())),
    admitted: own.admitted,
    waiting: own.waiting,
    ...(own.oldest !== undefined && { oldestWaitingSince: own.oldest }),
  };
}

/** Of a queue and those below it: what all of them together are sure of. */
function quotasBelow(
  record: ObjectRecord,
  table: ObjectTable,
  children: ReadonlyMap<string, string[]>,
  seen: Set<string>,
): ResourceQuota[] {
  seen.add(record.name);
  const below = (children.get(record.name) ?? []).flatMap((name) => {
    const child = seen.has(name) ? undefined : table.get('Queue', '', name);
    return child === undefined ? [] : quotasBelow(child, table, children, seen);
  });
  return [...(queueSpecOf(record).quotas ?? []), ...below];
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
  const sure = new Map<string, number>();
  for (const { resource, nominal } of quotas)
    sure.set(resource, (sure.get(resource) ?? 0) + amountOf(resource, nominal));
  return Object.fromEntries(
    [...sure].flatMap(([resource, amount]) => {
      const beyond = (used[resource] ?? 0) - amount;
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
