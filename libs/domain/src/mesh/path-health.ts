/**
 * Whether the pods of another cluster are reached, as a state machine over the outcomes of probes. Down only after several
 * rounds in which nothing was reached, so that one lost packet moves nothing; up again only after a time that doubles with each
 * flap (the damping that reviewers of KEP-1645 asked for), and halves again in quiet times.
 */
import type { PathState } from '@skyflow/contracts';

export interface PathHealth {
  state: PathState;
  /** Rounds in a row in which nothing was reached. */
  failures: number;
  /** Since when everything reached, ms; undefined: it does not. */
  goodSinceMs: number | undefined;
  /** How long it must reach before it is up again, ms. */
  holdMs: number;
  /** Last change between up and down, ms. */
  changedMs: number;
}

export const PATH_FAILURES = 3;
/** Down for so long, and its endpoints are not kept any more (KEP-1645: what a cluster that is gone has left is removed). */
export const PATH_GIVEN_UP_MS = 900_000;
const FIRST_HOLD_MS = 2_000;
const LONGEST_HOLD_MS = 60_000;
/** Without a change for this long the path counts as quiet. */
const QUIET_MS = 300_000;

export const initialPath = (): PathHealth => ({
  state: 'UNKNOWN',
  failures: 0,
  goodSinceMs: undefined,
  holdMs: 0,
  changedMs: 0,
});

/** The health after a round of probes. @param reached whether any endpoint took a connection. */
export function afterProbe(path: PathHealth, reached: boolean, nowMs: number): PathHealth {
  if (!reached) {
    const failures = path.failures + 1;
    // One that was never reached is not used either: there is time to let gateways dial each other first.
    const isDown = failures >= PATH_FAILURES || path.state === 'OVERLAP';
    if (!isDown || path.state === 'DOWN') return { ...path, failures, goodSinceMs: undefined };
    const flapped = path.state === 'UP' && nowMs - path.changedMs < QUIET_MS;
    const holdMs = flapped ? Math.min(Math.max(path.holdMs, FIRST_HOLD_MS / 2) * 2, LONGEST_HOLD_MS) : FIRST_HOLD_MS;
    return { state: 'DOWN', failures, goodSinceMs: undefined, holdMs, changedMs: nowMs };
  }
  const goodSinceMs = path.goodSinceMs ?? nowMs;
  if (path.state === 'UP') return { ...path, failures: 0, goodSinceMs };
  if (path.state === 'DOWN' && nowMs - goodSinceMs < path.holdMs) return { ...path, failures: 0, goodSinceMs };
  return { ...path, state: 'UP', failures: 0, goodSinceMs, changedMs: nowMs };
}

/** Whether it has been down for so long that its endpoints are taken away, until it is reached again. */
export const isGivenUp = ({ state, changedMs }: PathHealth, nowMs: number): boolean =>
  state === 'DOWN' && nowMs - changedMs >= PATH_GIVEN_UP_MS;
