/** Who can be counted on, and since when not: asked of the health pages themselves, and told of what no health page shows. */
import { cpus, loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Away } from '../check/waits.js';
import type { KeptProcess } from './kept-process.js';

const EVERY_MS = 400;
const PATIENCE_MS = 1_000;

export interface Watched {
  kind: Away['kind'];
  process: KeptProcess;
}

export class Availability {
  private readonly over: Away[] = [];
  private readonly now = new Map<string, Away>();
  private readonly ending = new AbortController();
  /** Most processes that wanted to run, for each core. */
  busiest = 0;

  constructor(watched: readonly Watched[]) {
    for (const each of watched) void this.watch(each);
  }

  /** Until now. */
  get aways(): Away[] {
    return [...this.over, ...[...this.now.values()].map((away) => ({ ...away, toMs: performance.now() }))];
  }

  /** Cut off, whatever its health page says. */
  async without(kind: Away['kind'], names: readonly string[], during: () => Promise<unknown>): Promise<void> {
    const fromMs = performance.now();
    await during();
    const toMs = performance.now();
    this.over.push(...names.map((who) => ({ kind, who, fromMs, toMs })));
  }

  stop(): void {
    this.ending.abort();
  }

  private async watch({ kind, process: { spec } }: Watched): Promise<void> {
    const { signal } = this.ending;
    let wellAtMs = performance.now();
    while (!signal.aborted) {
      const askedAtMs = performance.now();
      if (await isWell(spec.readyUrl)) {
        wellAtMs = askedAtMs;
        const away = this.now.get(spec.name);
        if (away !== undefined) this.over.push({ ...away, toMs: performance.now() });
        this.now.delete(spec.name);
      } else if (!this.now.has(spec.name)) {
        this.now.set(spec.name, { kind, who: spec.name, fromMs: wellAtMs, toMs: Number.POSITIVE_INFINITY });
      }
      this.busiest = Math.max(this.busiest, (loadavg()[0] ?? 0) / cpus().length);
      await pause(EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function isWell(url: string | undefined): Promise<boolean> {
  if (url === undefined) return true;
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) })).ok;
  } catch {
    return false;
  }
}
