/**
 * Everything in this process that is to happen later, on one timer: thousands of clusters and pods cost heap entries, not
 * timers, and an idle process sleeps.
 */
export interface Delayed {
  cancel(): void;
}

interface Entry {
  atMs: number;
  run: (() => void) | undefined;
}

/** Longest delay that setTimeout takes. */
const LONGEST_MS = 2 ** 31 - 1;

export class DelayQueue {
  readonly #heap: Entry[] = [];
  #timer: NodeJS.Timeout | undefined;
  #timerAtMs = Infinity;

  /** Runs `run` at that time (ms since the epoch), or as soon as possible. `run` must not throw. */
  at(atMs: number, run: () => void): Delayed {
    const entry: Entry = { atMs, run };
    this.#push(entry);
    this.#arm();
    return {
      cancel: () => {
        entry.run = undefined;
      },
    };
  }

  /** Forgets everything. */
  clear(): void {
    this.#heap.length = 0;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAtMs = Infinity;
  }

  get size(): number {
    return this.#heap.length;
  }

  #arm(): void {
    const next = this.#heap[0];
    if (next === undefined || next.atMs >= this.#timerAtMs) return;
    clearTimeout(this.#timer);
    this.#timerAtMs = next.atMs;
    const waitMs = Math.min(Math.max(0, next.atMs - Date.now()), LONGEST_MS);
    this.#timer = setTimeout(() => this.#fire(), waitMs).unref();
  }

  #fire(): void {
    this.#timerAtMs = Infinity;
    const now = Date.now();
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= now; next = this.#heap[0]) {
      this.#pop();
      next.run?.();
    }
    this.#arm();
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || above.atMs <= entry.atMs) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const left = heap[child];
      if (left === undefined) break;
      const right = heap[child + 1];
      const smaller = right !== undefined && right.atMs < left.atMs ? right : left;
      if (smaller === right) child++;
      if (smaller.atMs >= last.atMs) break;
      heap[at] = smaller;
      at = child;
    }
    heap[at] = last;
  }
}
