/** Time passes, and nothing is in the log of it: when a workload that would rather wait than pay has waited long enough. */
import type { SchedulingState } from '../state.js';
import { inLine } from './lines.js';
import { payFromMs } from './prices.js';

/** When time alone will make another round worth it, ms since the epoch; undefined: never. */
export function nextDueMs(state: SchedulingState, nowMs: number): number | undefined {
  let next: number | undefined;
  for (const [terms, lines] of state.queueing?.lines.byTerms ?? []) {
    if (terms.wait === undefined) continue;
    for (const line of lines.values()) {
      const [head] = inLine(line).keys();
      const workload = state.workloads.get(head ?? '');
      const dueMs = workload === undefined ? 0 : payFromMs(workload);
      if (dueMs > nowMs) next = Math.min(next ?? dueMs, dueMs);
    }
  }
  return next;
}
