/** How far behind the log a consumer of it is: what it has folded, and how long after it was stored; and how its appends go. */
import { type Appended, type Projection, WrongLastSequenceError } from '@skyflow/event-log';
import type { Metrics } from './metrics.js';

const BOUNDS_MS = [1, 2.5, 5, 10, 25, 50, 100, 250, 1_000, 5_000, 30_000];

/** Appends to the log as an operation. That another writer was first is no failure: it is decided again. */
export const timeAppends =
  ({ operation }: Metrics) =>
  (append: () => Promise<Appended>): Promise<Appended> =>
    operation('append', append, { isExpected: (error) => error instanceof WrongLastSequenceError });

/** The lag in commits is the greatest `skyflow_log_folded_sequence` of all consumers less its own. */
export function logMetrics<S>(metrics: Metrics, projection: Projection<S>): void {
  metrics.observe({
    name: 'skyflow_log_folded_sequence',
    description: 'Last commit of the log that this consumer has folded.',
    type: 'gauge',
    read: () => projection.seq,
  });
  const delay = metrics.histogram('skyflow_log_fold_delay_milliseconds', {
    description: 'From when a commit was stored to when this consumer had folded it.',
    bounds: BOUNDS_MS,
  });
  projection.onBatch((commits) => {
    // What was stored before it began to follow says nothing.
    if (!projection.caughtUp) return;
    const now = Date.now();
    for (const { storedAt, commit, undecoded } of commits) {
      const entries = undecoded === true ? [] : commit.entries;
      const traced = entries.find(({ trace }) => trace !== undefined)?.trace;
      delay.record(Math.max(0, now - storedAt), {}, traced ?? '');
    }
  });
}
