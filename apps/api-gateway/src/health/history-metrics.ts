/**
 * How far back the log goes, and what takes old history out of it: which speaks to nobody, so gateways tell of it by what it has noted
 * beside the log. 0: not known, or there is none.
 */
import type { LogAge } from '@skyflow/event-log';
import type { Metrics } from '@skyflow/service';

/** It is about hours. */
const LOOK_MS = 60_000;

/**
 * @param age asked at once and then every minute; while it fails, what was known last is told
 * @returns what ends it
 */
export function historyMetrics(metrics: Metrics, age: () => Promise<LogAge>): () => void {
  let known: LogAge = { beginsAt: undefined, retention: undefined };
  const look = (): void =>
    void age().then(
      (told) => (known = told),
      () => undefined,
    );
  const timer = setInterval(look, LOOK_MS);
  timer.unref();
  look();
  const seconds = (name: string, description: string, ms: () => number | undefined): void =>
    metrics.observe({ name, description, type: 'gauge', read: () => (ms() ?? 0) / 1_000 });
  seconds(
    'skyflow_history_begins_timestamp_seconds',
    'When the oldest commit was stored that the log still holds.',
    () => known.beginsAt,
  );
  seconds(
    'skyflow_retention_keep_seconds',
    'How much history the log is to hold, where older history goes by itself.',
    () => known.retention?.keepMs,
  );
  seconds(
    'skyflow_retention_interval_seconds',
    'How often older history is to go by itself.',
    () => known.retention?.everyMs,
  );
  seconds(
    'skyflow_retention_last_run_timestamp_seconds',
    'When that was last looked after without a fault.',
    () => known.retention?.ranAt,
  );
  return () => clearInterval(timer);
}
