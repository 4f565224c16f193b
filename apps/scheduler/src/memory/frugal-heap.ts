/**
 * Where very much is alive, V8 lets garbage grow with it: with a million jobs that wait, to several hundred MiB. From a heap of so many
 * bytes on it is collected more often, and what a burst has left is collected when it is over; a small heap is left as it is, for speed.
 */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { QuietHeap } from './quiet-heap.js';

const LARGE_BYTES = 384 * 1024 ** 2;
/** How much may be allocated between two whole collections, of what is alive. A replay takes some per cent longer. */
const GROWING_PERCENT = 10;
const LOOK_MS = 250;
const QUIET_LOOK_MS = 1_000;

/** Looks at the heap until it has become large once, and from then on whether it is at rest. */
export function keepHeapFrugal(): void {
  const timer = setInterval(() => {
    if (getHeapStatistics().used_heap_size < LARGE_BYTES) return;
    clearInterval(timer);
    setFlagsFromString(`--heap-growing-percent=${GROWING_PERCENT}`);
    collectAtRest();
  }, LOOK_MS);
  timer.unref();
}

function collectAtRest(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const quiet = new QuietHeap();
  setInterval(() => {
    if (!quiet.look(inUse())) return;
    collect();
    quiet.collected(inUse());
  }, QUIET_LOOK_MS).unref();
}

function inUse(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}
