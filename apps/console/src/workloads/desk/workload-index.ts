/**
 * All workloads, made for a hundred thousand of which a thousand change every second: what is counted is counted change by change, and
 * rows that were in order are put in order again by taking out what changed and merging it in.
 */
import type { ApiObject } from '@skyflow/contracts';
import type { Change, ChangeSink } from '../../api/object-store.js';
import { type HeldKind, type Workload, keyOf } from '../../api/objects.js';
import { type Choice, type Order, comparison, matcher, phaseOf } from '../workload-rows.js';

/** What is kept of a workload: what tables show. */
export function rowOf({ apiVersion, kind, metadata, status }: ApiObject): Workload {
  const { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp, labels } = metadata;
  const told = status as Workload['status'];
  return {
    apiVersion,
    kind,
    metadata: {
      ...{ name, namespace, uid, resourceVersion, creationTimestamp },
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
      ...(labels === undefined ? {} : { labels }),
    },
    spec: { replicas: told?.replicas ?? 0 },
    ...(told === undefined ? {} : { status: told }),
  } as Workload;
}

export class WorkloadIndex implements ChangeSink {
  /** By kind and key. */
  private readonly objects = new Map<string, Workload>();
  private readonly again = new Map<HeldKind, Set<string>>();
  private readonly told = new Set<HeldKind>();
  private readonly views = new Set<RowsView>();
  private readonly phaseCounts = new Map<string, number>();
  private readonly namespaceCounts = new Map<string, number>();

  /** @param onChange called at every change */
  constructor(private readonly onChange: () => void = () => undefined) {}

  get size(): number {
    return this.objects.size;
  }

  namespaces(): string[] {
    return [...this.namespaceCounts.keys()].sort();
  }

  phases(): [phase: string, count: number][] {
    return [...this.phaseCounts].sort(([one], [other]) => (one < other ? -1 : 1));
  }

  isComplete(kinds: readonly HeldKind[]): boolean {
    return kinds.every((kind) => this.told.has(kind));
  }

  all(): Iterable<Workload> {
    return this.objects.values();
  }

  apply({ resource, type, object }: Change): void {
    const key = `${resource} ${keyOf(object)}`;
    if (type === 'DELETED') this.put(key, undefined);
    else {
      this.put(key, rowOf(object));
      this.again.get(resource)?.add(key);
    }
    this.onChange();
  }

  beginAgain(kind: HeldKind): void {
    this.again.set(kind, new Set());
  }

  synced(kind: HeldKind): void {
    const again = this.again.get(kind);
    this.again.delete(kind);
    this.told.add(kind);
    if (again !== undefined) {
      for (const key of this.objects.keys())
        if (key.startsWith(`${kind} `) && !again.has(key)) this.put(key, undefined);
    }
    this.onChange();
  }

  /** Rows that follow what is told, until `close`. */
  view(choice: Choice, order: Order): RowsView {
    const view = new RowsView(choice, order, this.objects.values(), () => this.views.delete(view));
    this.views.add(view);
    return view;
  }

  private put(key: string, now: Workload | undefined): void {
    const before = this.objects.get(key);
    if (now === undefined) this.objects.delete(key);
    else this.objects.set(key, now);
    if (before !== undefined) this.count(before, -1);
    if (now !== undefined) this.count(now, 1);
    for (const view of this.views) view.changed(before, now);
  }

  private count(workload: Workload, by: 1 | -1): void {
    add(this.phaseCounts, phaseOf(workload), by);
    add(this.namespaceCounts, workload.metadata.namespace ?? '', by);
  }
}

function add(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}

/** The rows of one choice, in order. */
export class RowsView {
  private sorted: readonly Workload[] = [];
  /** Shown before and not so any more; not shown yet. */
  private readonly gone = new Set<Workload>();
  private readonly come: Set<Workload>;

  constructor(
    private readonly choice: Choice,
    private readonly order: Order,
    all: Iterable<Workload>,
    readonly close: () => void,
  ) {
    this.come = new Set(all);
  }

  changed(before: Workload | undefined, now: Workload | undefined): void {
    if (before !== undefined && !this.come.delete(before)) this.gone.add(before);
    if (now !== undefined) this.come.add(now);
  }

  rows(): readonly Workload[] {
    if (this.gone.size > 0 || this.come.size > 0) {
      const compare = comparison(this.order);
      const fresh = [...this.come].filter(matcher(this.choice)).sort(compare);
      const left = this.gone.size === 0 ? this.sorted : this.sorted.filter((row) => !this.gone.has(row));
      if (fresh.length > 0 || left.length < this.sorted.length) this.sorted = merged(left, fresh, compare);
      this.gone.clear();
      this.come.clear();
    }
    return this.sorted;
  }
}

/** Of two lists in order, one. */
function merged<T>(one: readonly T[], other: readonly T[], compare: (a: T, b: T) => number): readonly T[] {
  if (other.length === 0) return one;
  if (one.length === 0) return other;
  const all: T[] = [];
  let next = 0;
  for (const each of one) {
    for (let before = other[next]; before !== undefined && compare(before, each) < 0; before = other[++next])
      all.push(before);
    all.push(each);
  }
  for (; next < other.length; next++) all.push(other[next] as T);
  return all;
}
