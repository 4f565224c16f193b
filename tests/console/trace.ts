/** What the browser's own trace (`chrome://tracing`) says of a page: how long its main thread was held, and when it was usable. */
import type { Browser, Page } from 'playwright-core';

const CATEGORIES = [
  'devtools.timeline',
  'disabled-by-default-devtools.timeline',
  'toplevel',
  'blink.user_timing',
  '__metadata',
];
const US_PER_MS = 1_000;

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** Begin and length by the clock, length by the thread's CPU; µs. */
  ts: number;
  dur?: number;
  tdur?: number;
  args?: { name?: string };
}

export interface Task {
  ms: number;
  /** That the thread itself was computing; the rest it waited for a processor. */
  cpuMs: number;
}

export interface Traced {
  /** Of the page's main thread, the longest first. */
  tasks: readonly Task[];
  /** From the navigation to the mark, ms; undefined: the mark was not set. */
  until: (mark: string) => { ms: number; cpuMs: number } | undefined;
}

/** @param work during which is traced */
export async function traced(browser: Browser, page: Page, work: () => Promise<void>): Promise<Traced> {
  await browser.startTracing(page, { categories: CATEGORIES });
  let text: Buffer;
  try {
    await work();
  } finally {
    text = await browser.stopTracing();
  }
  return read((JSON.parse(text.toString()) as { traceEvents: TraceEvent[] }).traceEvents);
}

function read(events: readonly TraceEvent[]): Traced {
  const mains = new Set(
    events.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain').map(threadOf),
  );
  // Which of the main threads is the page's: the one that ran most.
  const run = new Map<string, TraceEvent[]>();
  for (const event of events) {
    if (event.ph !== 'X' || !/RunTask$/.test(event.name) || !mains.has(threadOf(event))) continue;
    const known = run.get(threadOf(event));
    if (known === undefined) run.set(threadOf(event), [event]);
    else known.push(event);
  }
  const cpuOf = (tasks: readonly TraceEvent[]): number => tasks.reduce((sum, { tdur = 0 }) => sum + tdur, 0);
  const [[thread, tasks] = ['', []]] = [...run].sort(([, one], [, other]) => cpuOf(other) - cpuOf(one));
  const begun = events.filter((event) => event.name === 'navigationStart' && threadOf(event) === thread).at(-1)?.ts;
  return {
    tasks: tasks
      .map(({ dur = 0, tdur = 0 }) => ({ ms: dur / US_PER_MS, cpuMs: tdur / US_PER_MS }))
      .sort((one, other) => other.ms - one.ms),
    until: (mark) => {
      const set = events.find(({ name }) => name === mark)?.ts;
      if (begun === undefined || set === undefined) return undefined;
      const before = tasks.filter(({ ts }) => ts >= begun && ts <= set);
      return { ms: (set - begun) / US_PER_MS, cpuMs: cpuOf(before) / US_PER_MS };
    },
  };
}

const threadOf = ({ pid, tid }: TraceEvent): string => `${pid}/${tid}`;
