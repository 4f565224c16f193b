/** What is done about each class of failure: how often again, after what pause, and what then. Pure. */
import type { FailureClass, ProvisionFailure } from '@skyflow/contracts';

/** What remains when trying again is no use any more. */
export type LastResort =
  /** Another place may have what this one has not. */
  | 'elsewhere'
  /** A person must change something; what was made is taken away. */
  | 'stop'
  /** Nothing is touched until a person decides: anything else could destroy the cluster. */
  | 'hold';

interface Remedy {
  /** Times that it is tried again before the last resort. */
  again: number;
  then: LastResort;
}

const REMEDIES: Readonly<Record<FailureClass, Remedy>> = {
  capacity: { again: 0, then: 'elsewhere' },
  quota: { again: 0, then: 'elsewhere' },
  auth: { again: 0, then: 'stop' },
  config: { again: 0, then: 'stop' },
  host: { again: 3, then: 'stop' },
  network: { again: 3, then: 'stop' },
  docker: { again: 1, then: 'stop' },
  healthcheck: { again: 2, then: 'stop' },
  addon: { again: 3, then: 'stop' },
  stuckUpgrade: { again: 2, then: 'stop' },
  stateMissing: { again: 1, then: 'hold' },
  dangerous: { again: 0, then: 'hold' },
  stalled: { again: 2, then: 'stop' },
  // The provisioner was killed: that says nothing of the cluster.
  interrupted: { again: 25, then: 'stop' },
  unknown: { again: 2, then: 'stop' },
};

/** Times by which the provisioner goes; shorter ones are for tests. */
export interface Pace {
  /** Pause before the first repetition; doubles each time. */
  firstMs: number;
  mostMs: number;
  /** For so long a machine may be there without being listed. */
  visibleWithinMs: number;
}

export const DEFAULT_PACE: Pace = { firstMs: 5_000, mostMs: 300_000, visibleWithinMs: 60_000 };

/** Since something was begun anew, by class. */
export type FailureCounts = Partial<Record<FailureClass, number>>;

export type NextTry = { do: 'again'; atMs: number } | { do: LastResort };

/** @param counts with this failure counted. */
export function nextTry(failure: ProvisionFailure, counts: FailureCounts, failedAtMs: number, pace: Pace): NextTry {
  const remedy = REMEDIES[failure.class];
  const times = counts[failure.class] ?? 1;
  if (times > remedy.again) return { do: remedy.then };
  return { do: 'again', atMs: failedAtMs + pauseMs(times, pace) };
}

/** Pause after the nth failure in a row, n from 1. */
export const pauseMs = (times: number, { firstMs, mostMs }: Pace): number =>
  Math.min(mostMs, firstMs * 2 ** Math.min(times - 1, 20));
