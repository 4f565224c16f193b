/**
 * What every service does, by rate, errors and duration (RED), in one histogram: requests to the API have their own. Names are
 * OpenTelemetry's: an `operation`, and of what failed its `error_type`: the code of an answer, or the name of the error.
 */
import type { TracedHistogram } from './exemplars.js';

export interface OperationOptions<T> {
  /** Of what ends because this has aborted nothing is counted. */
  signal?: AbortSignal | undefined;
  /** Errors that are no failure: another one was first, there is no such object. */
  isExpected?: (error: unknown) => boolean;
  /** What came of it, where that says more than that it came: `nothing` was to be done, and is not counted; or it failed. */
  judge?: (result: T) => 'done' | 'nothing' | { error: string };
}

/** Does it, and counts it. Resolves and rejects as the work does. */
export type Operation = <T>(operation: string, work: () => Promise<T>, options?: OperationOptions<T>) => Promise<T>;

export const OPERATIONS = {
  name: 'skyflow_operation_duration_seconds',
  description: 'Time of what a service does, by operation and, of what failed, by error.',
  bounds: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800],
} as const;

export function operationOf(histogram: TracedHistogram): Operation {
  return async (operation, work, { signal, isExpected = () => false, judge } = {}) => {
    const begunAt = performance.now();
    const count = (error?: string): void =>
      histogram.record((performance.now() - begunAt) / 1_000, {
        operation,
        ...(error === undefined ? {} : { error_type: error }),
      });
    try {
      const result = await work();
      const verdict = judge?.(result) ?? 'done';
      if (verdict !== 'nothing') count(verdict === 'done' ? undefined : verdict.error);
      return result;
    } catch (error) {
      if (signal?.aborted !== true) count(isExpected(error) ? undefined : typeOf(error));
      throw error;
    }
  };
}

/** Few values: neither messages nor names of objects. */
function typeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'other';
  return 'code' in error && typeof error.code === 'number' ? String(error.code) : error.name;
}
