/**
 * The latest changes to the objects of one kind, in order of position, and who waits for the next one. The only buffer of a watch:
 * each reader holds a place in it, so a slow reader costs nothing and is told to list again when what it has not read is dropped.
 *
 * A change holds two records (about 2 KiB of a job). What was kept for its number alone took hours to fill: memory that seemed to leak.
 */
import type { Position } from '@skyflow/contracts';
import type { ObjectChange } from '@skyflow/domain';
import { expired } from '@skyflow/apimachinery';

export interface Kept {
  /** Most changes. */
  limit: number;
  /** Those that are older are forgotten, but for the last `least`. kube-apiserver's etcd forgets after five minutes, too. */
  ms: number;
  least: number;
}

export class KindHistory {
  private changes: ObjectChange[] = [];
  /** Absolute place of `changes[0]`. */
  private base = 0;
  private readonly waiting = new Set<() => void>();
  /** Where the history ended when it was looked at, oldest first. */
  private ends: { atMs: number; place: number }[] = [];

  /** @param floor changes at or before this position are not here. */
  constructor(
    private readonly kept: Kept,
    private floor: Position,
  ) {}

  get oldest(): Position {
    return this.floor;
  }

  add(change: ObjectChange): void {
    this.changes.push(change);
    const { limit } = this.kept;
    if (this.changes.length >= limit * 1.25) this.drop(this.changes.length - limit);
  }

  /** Forgets what is too old; to be called every so often. @param nowMs of a clock that only goes forward */
  forget(nowMs: number): void {
    const { ms, least } = this.kept;
    const old = this.ends.findLastIndex(({ atMs }) => atMs <= nowMs - ms);
    const count = Math.min((this.ends[old]?.place ?? 0) - this.base, this.changes.length - least);
    if (count > 0) this.drop(count);
    this.ends = this.ends.slice(Math.max(0, old));
    this.ends.push({ atMs: nowMs, place: this.end });
  }

  /** Calls back all who wait; after every folded batch that changed something, and when the log moves on without changing this kind. */
  wake(): void {
    if (this.waiting.size === 0) return;
    const callbacks = [...this.waiting];
    this.waiting.clear();
    for (const callback of callbacks) callback();
  }

  /** Calls back once at the next wake. Returns the way to cancel. */
  onWake(callback: () => void): () => void {
    this.waiting.add(callback);
    return () => this.waiting.delete(callback);
  }

  get end(): number {
    return this.base + this.changes.length;
  }

  /** Place of the first change after `position`. @throws StatusError 410 if that is not known any more. */
  placeAfter(position: Position): number {
    if (position < this.floor) throw expired(position, this.floor);
    let low = 0;
    let high = this.changes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.changes[middle]?.position ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    return this.base + low;
  }

  /** Undefined: not there yet. @throws StatusError 410 when it was dropped. */
  at(place: number): ObjectChange | undefined {
    if (place < this.base) throw expired(0, this.floor);
    return this.changes[place - this.base];
  }

  /** All changes after a position. @throws StatusError 410 */
  since(position: Position): readonly ObjectChange[] {
    return this.changes.slice(this.placeAfter(position) - this.base);
  }

  private drop(count: number): void {
    this.floor = this.changes[count - 1]?.position ?? this.floor;
    this.changes = this.changes.slice(count);
    this.base += count;
  }
}
