/** How long workloads waited, as the gateway folds it from the log. */

export interface Durations {
  count: number;
  medianMs?: number;
  p95Ms?: number;
  longestMs?: number;
}

export interface WaitsPeriod {
  from: string;
  to: string;
  waits: Durations;
  waiting: number;
}

/** What `…/queues/NAME/waits` answers. */
export interface QueueWaits {
  periods: WaitsPeriod[];
}

const STEP_S = 3_600;
const HOURS = 24;

/** Of the last day, by the hour; the last hour is not over yet. */
export function waitsPath(queue: string, nowMs: number, untilMs?: number): string {
  const stepMs = STEP_S * 1_000;
  const from = new Date(Math.ceil((untilMs ?? nowMs) / stepMs - HOURS) * stepMs).toISOString();
  const to = untilMs === undefined ? '' : `&to=${new Date(untilMs).toISOString()}`;
  return `/apis/skyflow.io/v1/queues/${encodeURIComponent(queue)}/waits?from=${from}&step=${String(STEP_S)}${to}`;
}

/** Without the hours in which nothing waited or got its place; the latest first. */
export const eventful = (periods: readonly WaitsPeriod[]): WaitsPeriod[] =>
  periods.filter(({ waits, waiting }) => waits.count > 0 || waiting > 0).reverse();

/** Two figures: 40 ms, 1.2 s, 35 s, 2.1 min, 3.0 h. */
export function durationText(ms: number | undefined): string {
  if (ms === undefined) return '–';
  if (ms < 1_000) return `${String(Math.round(ms))} ms`;
  const units: [string, number][] = [
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1_000],
  ];
  const [unit, size] = units.find(([, each]) => ms >= each) ?? ['s', 1_000];
  const amount = ms / size;
  return `${amount < 10 ? amount.toFixed(1) : String(Math.round(amount))} ${unit}`;
}
