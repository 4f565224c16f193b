/** Which differences between two reports of a share are worth an entry in the log, and how soon. */
import { type WorkObservation, samePods } from '@skyflow/domain';

/** Longest that the numbers of a share may be behind while its phase stays the same. */
export const COUNTS_AFTER_MS = 250;
/** The words alone (back-off times, restart counts) change often and mean little; so do pods alone, where the counts stay. */
export const WORDS_AFTER_MS = 30_000;

/** How long to wait since the last report before telling this one; undefined: there is nothing to tell. */
export function reportAfterMs(last: WorkObservation | undefined, next: WorkObservation): number | undefined {
  if (last === undefined) return 0;
  if (last.phase !== next.phase || last.generation !== next.generation || last.replicas !== next.replicas) return 0;
  if (last.reason !== next.reason) return 0;
  if (COUNTS.some((count) => last[count] !== next[count])) {
    const settled = (next.ready >= next.replicas && next.outdated === undefined) || next.running === 0;
    return settled ? 0 : COUNTS_AFTER_MS;
  }
  return last.message === next.message && samePods(last, next) ? undefined : WORDS_AFTER_MS;
}

const COUNTS = ['ready', 'running', 'pending', 'succeeded', 'failed', 'outdated'] as const;
