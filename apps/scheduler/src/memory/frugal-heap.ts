/**
 * Where very much is alive, V8 lets garbage grow with it: with a million jobs that wait, to several hundred MiB. From a heap of so many
 * bytes on it is told how often to collect; a small heap is left as it is, for speed.
 */
import { performance } from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { HeapPace } from './heap-pace.js';

const LARGE_BYTES = 384 * 1024 ** 2;
const LOOK_MS = 250;
const PACE_LOOK_MS = 1_000;

/** Looks at the heap until it has become large once, and from then on at its pace. */
export function keepHeapFrugal(): void {
  const timer = setInterval(() => {
    if (getHeapStatistics().used_heap_size < LARGE_BYTES) return;
    clearInterval(timer);
    keepPace();
  }, LOOK_MS);
  timer.unref();
}

function keepPace(): void {
  setFlagsFromString('--expose-gc');
  const collectAll = runInNewContext('gc') as () => void;
  const pace = new HeapPace();
  let percent = 0;
  let loop = performance.eventLoopUtilization();
  setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, loop);
    loop = now;
    const { growingPercent, collect } = pace.look({ bytes: inUse(), utilization });
    if (growingPercent !== percent) setFlagsFromString(`--heap-growing-percent=${growingPercent}`);
    percent = growingPercent;
    if (!collect) return;
    collectAll();
    pace.collected(inUse());
  }, PACE_LOOK_MS).unref();
}

function inUse(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}
