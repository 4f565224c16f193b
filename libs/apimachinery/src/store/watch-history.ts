/**
 * The latest changes of one resource, in order, and who waits for the next one. It is the only buffer of a watch: each reader
 * holds a position in it, so a slow reader costs nothing and gets 410 Expired when what it has not read is dropped.
 */
import { expired, fellBehind } from '../api/errors.js';
import type { KubeObject } from '@skyflow/contracts';

/** One write. For a deletion `object` is the last state, stamped with the version of the deletion. */
export interface Change {
  version: number;
  object: KubeObject;
  previous?: KubeObject;
  deleted: boolean;
}

export class WatchHistory {
  readonly #limit: number;
  #changes: Change[] = [];
  /** Absolute position of `#changes[0]`. */
  #base = 0;
  /** Changes at or below this version are not (or no longer) here. */
  #floor: number;
  readonly #waiting = new Set<() => void>();

  /** @param limit changes kept at least once so many were recorded. */
  constructor(limit: number, floor: number) {
    this.#limit = limit;
    this.#floor = floor;
  }

  get end(): number {
    return this.#base + this.#changes.length;
  }

  /** Versions must rise. */
  record(change: Change): void {
    this.#changes.push(change);
    if (this.#changes.length >= this.#limit * 1.5) this.#drop(this.#changes.length - this.#limit);
    this.wake();
  }

  /** Forgets everything: state was replaced by a snapshot at `version`. Readers on the way get 410. */
  reset(version: number): void {
    this.#base += this.#changes.length + 1;
    this.#changes = [];
    this.#floor = version;
    this.wake();
  }

  /** Position of the first change after `version`. @throws StatusError 410 */
  positionAfter(version: number): number {
    if (version < this.#floor) throw expired(version, this.#floor);
    let low = 0;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#changes[middle]?.version ?? 0) <= version) low = middle + 1;
      else high = middle;
    }
    return this.#base + low;
  }

  /** Undefined: not there yet. @throws StatusError 410 when it was dropped. */
  at(position: number): Change | undefined {
    if (position < this.#base) throw fellBehind(this.#floor);
    return this.#changes[position - this.#base];
  }

  /** All changes after a version. @throws StatusError 410 */
  since(version: number): Change[] {
    return this.#changes.slice(this.positionAfter(version) - this.#base);
  }

  /** Calls back once at the next change (or wake). Returns the way to cancel. */
  onNext(callback: () => void): () => void {
    this.#waiting.add(callback);
    return () => this.#waiting.delete(callback);
  }

  wake(): void {
    if (this.#waiting.size === 0) return;
    const callbacks = [...this.#waiting];
    this.#waiting.clear();
    for (const callback of callbacks) callback();
  }

  #drop(count: number): void {
    this.#floor = this.#changes[count - 1]?.version ?? this.#floor;
    this.#changes.splice(0, count);
    this.#base += count;
  }
}
