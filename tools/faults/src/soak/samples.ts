/**
 * What every process holds, and what the nats-servers hold for them, at one moment. Linux: from /proc. Live memory is what programs of Node say
 * is left after they have collected (`live-memory.ts`); it comes first, so that their resident memory is without garbage at these moments.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { type System } from '../system/system.js';
import type { LiveMemory } from './live-memory.js';
import type { Sample, Tolerance } from './trend.js';

/** What is measured, and how much of it may come in an hour. */
export const MEASURES = {
  // A leak of some bytes for each write is seen in it, where in resident memory it is lost among what V8 has not collected yet.
  'live memory': { unit: 'MiB', tolerance: { share: 0.06, least: 4 } },
  memory: { unit: 'MiB', tolerance: { share: 0.15, least: 24 } },
  'file descriptors': { unit: '', tolerance: { share: 0.1, least: 6 } },
  threads: { unit: '', tolerance: { share: 0.1, least: 4 } },
  connections: { unit: '', tolerance: { share: 0.1, least: 4 } },
  subscriptions: { unit: '', tolerance: { share: 0.05, least: 20 } },
  consumers: { unit: '', tolerance: { share: 0.1, least: 4 } },
} as const satisfies Record<string, { unit: string; tolerance: Tolerance }>;
export type Measure = keyof typeof MEASURES;

/** V8 takes room for a quarter of an hour before it gives any back, whatever is live in it: of less than an hour two thirds tell nothing of that. */
const RESIDENT_FROM_MINUTES = 60;

/** Whether a rise of it means anything. @param isNode what is live in it is measured, too */
export const isJudged = (measure: Measure, isNode: boolean, minutes: number): boolean =>
  measure !== 'memory' || !isNode || minutes >= RESIDENT_FROM_MINUTES;

/** Samples by who and what: `gateway-a memory`. */
export class Samples {
  readonly series = new Map<string, { who: string; measure: Measure; samples: Sample[] }>();

  /** Reads all of it once. What has ended just now is left out. @param live given: live memory too */
  async take(system: System, live?: LiveMemory): Promise<void> {
    if (live !== undefined) await this.takeLive(system, live);
    const atMs = performance.now();
    const processes = [...system.nodes.map(({ process: node }) => node), ...system.services];
    for (const { spec, pid } of processes) this.addProcess(atMs, spec.name, pid);
    system.agents.forEach((pid, index) => this.addProcess(atMs, `agent-${index}`, pid));
    await Promise.all(
      system.nodes.map(async ({ process: { spec } }) => {
        const { connections, subscriptions } = await ask<{ connections: number; subscriptions: number }>(spec, 'varz');
        const { consumers } = await ask<{ consumers: number }>(spec, 'jsz');
        this.add(atMs, spec.name, 'connections', connections);
        this.add(atMs, spec.name, 'subscriptions', subscriptions);
        this.add(atMs, spec.name, 'consumers', consumers);
      }),
    );
  }

  /** All that was measured: who, what, seconds since the first sample, value. */
  csv(): string {
    const all = [...this.series.values()];
    const begunMs = Math.min(...all.map(({ samples }) => samples[0]?.atMs ?? Number.POSITIVE_INFINITY));
    const lines = all.flatMap(({ who, measure, samples }) =>
      samples.map(
        ({ atMs, value }) => `${who},${measure},${((atMs - begunMs) / 1_000).toFixed(1)},${value.toFixed(1)}`,
      ),
    );
    return ['who,what,seconds,value', ...lines, ''].join('\n');
  }

  /** One after the other: a program stands still while it collects. */
  private async takeLive(system: System, live: LiveMemory): Promise<void> {
    const programs = [
      ...system.services.map(({ spec, pid }) => [spec.name, pid] as const),
      ...system.agents.map((pid, index) => [`agent-${index}`, pid] as const),
    ];
    for (const [who, pid] of programs) {
      const bytes = pid === undefined ? undefined : await live.of(pid);
      if (bytes !== undefined) this.add(performance.now(), who, 'live memory', bytes / 1_024 ** 2);
    }
  }

  private addProcess(atMs: number, who: string, pid: number | undefined): void {
    if (pid === undefined) return;
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      this.add(atMs, who, 'memory', Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1_024);
      this.add(atMs, who, 'threads', Number(/^Threads:\s+(\d+)/m.exec(status)?.[1]));
      this.add(atMs, who, 'file descriptors', readdirSync(`/proc/${pid}/fd`).length);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error; // it has ended meanwhile
    }
  }

  private add(atMs: number, who: string, measure: Measure, value: number): void {
    const key = `${who} ${measure}`;
    const { samples } = this.series.get(key) ?? this.begin(key, who, measure);
    samples.push({ atMs, value });
  }

  private begin(key: string, who: string, measure: Measure): { samples: Sample[] } {
    const begun = { who, measure, samples: [] };
    this.series.set(key, begun);
    return begun;
  }
}

/** @throws Error when the monitor of the server does not answer */
async function ask<T>({ readyUrl = '' }: { readyUrl?: string }, page: string): Promise<T> {
  const answer = await fetch(new URL(`/${page}`, readyUrl), { signal: AbortSignal.timeout(10_000) });
  return (await answer.json()) as T;
}
