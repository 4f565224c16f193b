/**
 * Whose turn it is: weighted dominant-resource fairness over the tree of queues. At every level the queue goes first that uses least
 * beyond what it is sure of; between those that use nothing beyond it, the one that uses least; then the one whose oldest
 * workload waits longest. What counts is the largest share of any one resource of all clusters, divided by the weight.
 */
import { heapify, removeAt, sift } from './heap.js';
import { type QueueNode, nominalOf } from './queue-tree.js';

/** A node with someone who waits below it. */
interface Contender {
  node: QueueNode;
  parent: Contender | undefined;
  /** Heap of those below it; empty for a leaf. */
  below: Contender[];
  beyond: number;
  share: number;
  /** Place in the queue of the first that waits in it. */
  oldest: number;
}

export class FairOrder {
  private readonly roots: Contender[] = [];
  private readonly contenders = new Map<QueueNode, Contender>();

  /** @param capacity of all clusters, by column. `oldest` gives the place of the first that waits in a leaf. */
  constructor(
    leaves: Iterable<QueueNode>,
    private readonly capacity: Float64Array,
    private readonly oldest: (leaf: QueueNode) => number,
  ) {
    for (const leaf of leaves) this.add(leaf);
    this.order(this.roots);
  }

  /** The leaf whose turn it is; undefined: nobody is left. */
  next(): QueueNode | undefined {
    let at = this.roots[0];
    while (at?.below[0] !== undefined) at = at.below[0];
    return at?.node;
  }

  /** Takes up that the leaf uses more or less, or that another waits at its head. */
  update(leaf: QueueNode): void {
    for (let at = this.contenders.get(leaf); at !== undefined; at = at.parent) {
      this.measure(at);
      const heap = at.parent?.below ?? this.roots;
      sift(heap, heap.indexOf(at), isBefore);
    }
  }

  /** Nobody in the leaf is to be looked at any more. */
  remove(leaf: QueueNode): void {
    for (let at = this.contenders.get(leaf); at !== undefined; at = at.parent) {
      const heap: Contender[] = at.parent?.below ?? this.roots;
      removeAt(heap, heap.indexOf(at), isBefore);
      this.contenders.delete(at.node);
      if (heap.length === 0) continue;
      if (at.parent !== undefined) this.update(at.parent.node);
      return;
    }
  }

  private add(node: QueueNode): Contender {
    const known = this.contenders.get(node);
    if (known !== undefined) return known;
    const parent = node.parent === undefined ? undefined : this.add(node.parent);
    const contender: Contender = { node, parent, below: [], beyond: 0, share: 0, oldest: 0 };
    (parent?.below ?? this.roots).push(contender);
    this.contenders.set(node, contender);
    return contender;
  }

  private order(contenders: Contender[]): void {
    for (const contender of contenders) {
      this.order(contender.below);
      this.measure(contender);
    }
    heapify(contenders, isBefore);
  }

  private measure(contender: Contender): void {
    const { node, below } = contender;
    const { weight } = node.record;
    contender.beyond = beyondOf(node, this.capacity) / weight;
    contender.share = shareOf(node, this.capacity) / weight;
    contender.oldest = below[0]?.oldest ?? this.oldest(node);
  }
}

/** Largest share of any resource that a queue uses. */
export function shareOf(node: QueueNode, capacity: Float64Array): number {
  let share = 0;
  for (let column = 0; column < capacity.length; column++) {
    const size = capacity[column] ?? 0;
    if (size > 0) share = Math.max(share, (node.total[column] ?? 0) / size);
  }
  return share;
}

/** The same, of what it uses beyond its nominal quota; in a tree without quotas of all that it uses. */
export function beyondOf(node: QueueNode, capacity: Float64Array): number {
  let share = 0;
  for (let column = 0; column < capacity.length; column++) {
    const size = capacity[column] ?? 0;
    if (size === 0 || (node.hasQuota && node.limited[column] !== 1)) continue;
    share = Math.max(share, ((node.total[column] ?? 0) - nominalOf(node, column)) / size);
  }
  return share;
}

const isBefore = (a: Contender, b: Contender): boolean => {
  if (a.beyond !== b.beyond) return a.beyond < b.beyond;
  if (a.share !== b.share) return a.share < b.share;
  if (a.oldest !== b.oldest) return a.oldest < b.oldest;
  return a.node.record.name < b.node.record.name;
};
