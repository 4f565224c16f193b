/**
 * Where very much is alive, V8 lets garbage grow with it: with a million jobs that wait, to several hundred MiB. From a heap of so many
 * bytes on it is collected more often; a small heap is left as it is, for speed.
 */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';

const LARGE_BYTES = 384 * 1024 ** 2;
/** How much may be allocated between two whole collections, of what is alive. A replay takes some per cent longer. */
const GROWING_PERCENT = 10;
const LOOK_MS = 250;

/** Looks at the heap until it has become large once. */
export function keepHeapFrugal(): void {
  const timer = setInterval(() => {
    if (getHeapStatistics().used_heap_size < LARGE_BYTES) return;
    clearInterval(timer);
    setFlagsFromString(`--heap-growing-percent=${GROWING_PERCENT}`);
  }, LOOK_MS);
  timer.unref();
}
