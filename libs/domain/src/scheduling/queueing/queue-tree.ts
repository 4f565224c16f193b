/**
 * Queues as a tree with quotas, for one round. The rules are those of Kueue's cohorts (KEP-79), for any depth:
 *
 * - A queue is sure of its nominal quota. What it does not use its siblings may use, but for what is beyond its lending limit.
 * - The parent holds what its children lend and its own quota; what a queue uses beyond what it keeps for itself is used there.
 * - A borrowing limit bounds what a queue may use beyond its nominal quota.
 * - A resource that no queue of a tree has a quota for is not limited in it.
 *
 * A queue with queues below it may have workloads of its own: they are as in a child without quota.
 */
import type { ResourceColumns } from '../resource-columns.js';
import type { Request } from '../room.js';
import { type QueueRecord, queueWithoutObject } from './queue-record.js';

export interface QueueNode {
  record: QueueRecord;
  parent: QueueNode | undefined;
  children: QueueNode[];
  /** Place of workloads of the queue of this name. */
  isLeaf: boolean;
  /** By column; NaN: this queue says nothing of it. */
  nominal: Float64Array;
  borrowing: Float64Array;
  lending: Float64Array;
  /** Nominal quota of the whole subtree, less what queues in it keep to themselves. */
  subtree: Float64Array;
  /** What is used at this node: of a leaf all it uses, of others what its children use beyond what they keep. */
  used: Float64Array;
  /** All that is used in the subtree. */
  total: Float64Array;
  /** Columns that any queue of its tree has a quota for. */
  limited: Uint8Array;
  /** Whether any column of its tree is limited. */
  hasQuota: boolean;
}

export interface QueueTree {
  roots: QueueNode[];
  /** By name: where workloads of the queue are counted. */
  leaves: Map<string, QueueNode>;
  /** By name: the queue itself. */
  nodes: Map<string, QueueNode>;
}

/** Builds the tree. `names`: queues that workloads name, whether there is such a queue or not. Parents in a circle count as none. */
export function queueTree(
  records: ReadonlyMap<string, QueueRecord>,
  names: Iterable<string>,
  usage: ReadonlyMap<string, readonly number[]>,
  columns: ResourceColumns,
): QueueTree {
  const width = columns.names.length;
  const nodes = new Map<string, QueueNode>();
  for (const [name, record] of [...records].sort(([a], [b]) => (a < b ? -1 : 1)))
    nodes.set(name, nodeOf(record, columns));
  for (const name of [...names].sort())
    if (!nodes.has(name)) nodes.set(name, nodeOf(queueWithoutObject(name), columns));
  for (const node of nodes.values()) {
    const parent = node.record.parent === undefined ? undefined : nodes.get(node.record.parent);
    if (parent !== undefined && !isAbove(node, parent)) {
      node.parent = parent;
      parent.children.push(node);
    }
  }
  const roots = [...nodes.values()].filter(({ parent }) => parent === undefined).sort(byName);
  const leaves = new Map<string, QueueNode>();
  for (const node of nodes.values()) {
    node.children.sort(byName);
    leaves.set(node.record.name, node.children.length === 0 ? node : ownLeaf(node, columns));
  }
  for (const root of roots) {
    const limited = new Uint8Array(width);
    each(root, (node) => node.nominal.forEach((amount, column) => (limited[column] ||= Number.isNaN(amount) ? 0 : 1)));
    const hasQuota = limited.includes(1);
    each(root, (node) => Object.assign(node, { limited, hasQuota }));
    sumQuotas(root);
  }
  for (const leaf of leaves.values()) leaf.isLeaf = true;
  for (const [name, amounts] of usage) {
    const leaf = leaves.get(name);
    if (leaf !== undefined) amounts.forEach((amount, column) => use(leaf, column, amount));
  }
  return { roots, leaves, nodes };
}

/** How much of a column a workload of this leaf may still take. */
export function availableAt(node: QueueNode, column: number): number {
  if (node.limited[column] !== 1) return Number.POSITIVE_INFINITY;
  const quota = node.subtree[column] ?? 0;
  const used = node.used[column] ?? 0;
  if (node.parent === undefined) return quota - used;
  const kept = keptAt(node, column);
  const local = Math.max(0, kept - used);
  let above = availableAt(node.parent, column);
  const limit = node.borrowing[column] ?? Number.NaN;
  if (!Number.isNaN(limit)) above = Math.min(above, quota - kept - Math.max(0, used - kept) + limit);
  return local + above;
}

/** Replicas of a request that the quotas allow. */
export function replicasWithin(node: QueueNode, { columns, amounts }: Request): number {
  let replicas = Number.MAX_SAFE_INTEGER;
  for (let i = 0; i < columns.length; i++) {
    const amount = amounts[i] ?? 0;
    if (amount === 0) continue;
    const available = availableAt(node, columns[i] ?? 0);
    if (available !== Number.POSITIVE_INFINITY)
      replicas = Math.min(replicas, Math.max(0, Math.floor(available / amount)));
  }
  return replicas;
}

/** Takes (or, negative, gives back) replicas of a request. */
export function take(node: QueueNode, { columns, amounts }: Request, replicas: number): void {
  for (let i = 0; i < columns.length; i++) use(node, columns[i] ?? 0, (amounts[i] ?? 0) * replicas);
}

/** What the node uses of a column beyond its nominal quota; 0 where nothing limits it. */
export const borrowedAt = (node: QueueNode, column: number): number =>
  node.limited[column] === 1 ? Math.max(0, (node.total[column] ?? 0) - nominalOf(node, column)) : 0;

export const nominalOf = (node: QueueNode, column: number): number => {
  const nominal = node.nominal[column] ?? Number.NaN;
  return Number.isNaN(nominal) ? 0 : nominal;
};

/** What a queue keeps from the others: beyond its lending limit. */
function keptAt(node: QueueNode, column: number): number {
  const limit = node.lending[column] ?? Number.NaN;
  return Number.isNaN(limit) ? 0 : Math.max(0, (node.subtree[column] ?? 0) - limit);
}

function use(node: QueueNode, column: number, amount: number): void {
  if (amount === 0) return;
  for (let at: QueueNode | undefined = node; at !== undefined; at = at.parent) {
    at.total[column] = (at.total[column] ?? 0) + amount;
  }
  useFrom(node, column, amount);
}

function useFrom(node: QueueNode, column: number, amount: number): void {
  const before = node.used[column] ?? 0;
  const kept = keptAt(node, column);
  node.used[column] = before + amount;
  if (node.parent === undefined) return;
  const passed = Math.max(0, before + amount - kept) - Math.max(0, before - kept);
  if (passed !== 0) useFrom(node.parent, column, passed);
}

function sumQuotas(node: QueueNode): void {
  for (const child of node.children) sumQuotas(child);
  for (let column = 0; column < node.subtree.length; column++) {
    let sum = nominalOf(node, column);
    for (const child of node.children) sum += (child.subtree[column] ?? 0) - keptAt(child, column);
    node.subtree[column] = sum;
  }
}

function nodeOf(record: QueueRecord, columns: ResourceColumns): QueueNode {
  const width = columns.names.length;
  const node: QueueNode = {
    record,
    parent: undefined,
    children: [],
    isLeaf: false,
    nominal: new Float64Array(width).fill(Number.NaN),
    borrowing: new Float64Array(width).fill(Number.NaN),
    lending: new Float64Array(width).fill(Number.NaN),
    subtree: new Float64Array(width),
    used: new Float64Array(width),
    total: new Float64Array(width),
    limited: new Uint8Array(width),
    hasQuota: false,
  };
  for (const [resource, { nominal, borrowing, lending }] of Object.entries(record.quotas)) {
    const column = columns.byName.get(resource);
    if (column === undefined) continue;
    node.nominal[column] = nominal;
    if (borrowing !== undefined) node.borrowing[column] = borrowing;
    if (lending !== undefined) node.lending[column] = lending;
  }
  return node;
}

/** Where the workloads of a queue are that has queues below it. */
function ownLeaf(node: QueueNode, columns: ResourceColumns): QueueNode {
  const leaf = nodeOf({ ...queueWithoutObject(node.record.name) }, columns);
  leaf.record = { ...leaf.record, withinQueue: node.record.withinQueue, reclaim: node.record.reclaim };
  leaf.parent = node;
  node.children.unshift(leaf);
  return leaf;
}

function isAbove(node: QueueNode, other: QueueNode): boolean {
  for (let at: QueueNode | undefined = other; at !== undefined; at = at.parent) if (at === node) return true;
  return false;
}

function each(node: QueueNode, visit: (node: QueueNode) => void): void {
  visit(node);
  for (const child of node.children) each(child, visit);
}

const byName = (a: QueueNode, b: QueueNode): number => (a.record.name < b.record.name ? -1 : 1);
