/**
 * With what an agent comes in when it begins: with what it was given before, or with a join token. A token that it has not seen yet is what
 * somebody asks of it by `skyctl cluster join` and goes first; one that it has come in with, or that was refused for good, is spent. Pure.
 */

/** What is kept of an earlier enrolment; unknown: the gateway cannot be asked just now. */
export type KeptState = 'none' | 'good' | 'unknown';

export interface EnrolmentView {
  readonly kept: KeptState;
  /** Which join token there is, by its id; undefined: none. */
  readonly given: string | undefined;
  /** Ids of those that are spent. */
  readonly spent: readonly (string | undefined)[];
}

/**
 * - token: enrol with it, and where that fails begin with what is kept
 * - kept, then token: begin with what is kept, and enrol as soon as the gateway can be asked
 * - nothing: only another token can help
 */
export type EnrolmentStep = 'token' | 'kept' | 'kept, then token' | 'nothing';

export function enrolmentStep({ kept, given, spent }: EnrolmentView): EnrolmentStep {
  const isNew = given !== undefined && !spent.includes(given);
  if (kept === 'none') return isNew ? 'token' : 'nothing';
  if (!isNew) return 'kept';
  // To wait for a gateway that is away would keep the cluster waiting, too.
  return kept === 'good' ? 'token' : 'kept, then token';
}

/** A gateway that has not read yet of a token that another one has just made refuses it for a moment. */
export const REFUSED_FOR_GOOD_MS = 60_000;

/** Whether a token is not to be tried again. @param refusedSinceMs when it was refused first, and nothing else since */
export const isRefusedForGood = (refusedSinceMs: number | undefined, nowMs: number): boolean =>
  refusedSinceMs !== undefined && nowMs - refusedSinceMs >= REFUSED_FOR_GOOD_MS;

/** Whether what is kept is that of the cluster whose agent this is now: one that was removed and joined again has another uid. */
export const isOfCluster = (
  kept: { readonly cluster: string; readonly uid: string },
  cluster: { readonly name: string; readonly uid: string },
): boolean => kept.cluster === cluster.name && kept.uid === cluster.uid;
