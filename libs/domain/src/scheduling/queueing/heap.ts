/** A binary heap in an array, by an order of its own. */
export type IsBefore<T> = (a: T, b: T) => boolean;

export function heapify<T>(heap: T[], isBefore: IsBefore<T>): void {
  for (let index = (heap.length >> 1) - 1; index >= 0; index--) siftDown(heap, index, isBefore);
}

/** Puts what changed at an index where it belongs. */
export function sift<T>(heap: T[], index: number, isBefore: IsBefore<T>): void {
  let at = index;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const [child, parent] = [heap[at] as T, heap[above] as T];
    if (!isBefore(child, parent)) break;
    heap[at] = parent;
    heap[above] = child;
    at = above;
  }
  siftDown(heap, at, isBefore);
}

export function removeAt<T>(heap: T[], index: number, isBefore: IsBefore<T>): void {
  const last = heap.pop() as T;
  if (index >= heap.length) return;
  heap[index] = last;
  sift(heap, index, isBefore);
}

function siftDown<T>(heap: T[], start: number, isBefore: IsBefore<T>): void {
  for (let at = start; ;) {
    const left = 2 * at + 1;
    let first = at;
    if (left < heap.length && isBefore(heap[left] as T, heap[first] as T)) first = left;
    if (left + 1 < heap.length && isBefore(heap[left + 1] as T, heap[first] as T)) first = left + 1;
    if (first === at) return;
    const moved = heap[at] as T;
    heap[at] = heap[first] as T;
    heap[first] = moved;
    at = first;
  }
}
