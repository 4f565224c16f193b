/**
 * Decides every round of a log again and compares. Give it the log from its start, or from a checkpoint, entry by entry: it folds each round's basis, decides
 * as the recorded scheduler did, and holds the result against what was recorded.
 *
 * A round that was cut short (its scheduler was killed, or lost a race) is compared as far as it was recorded. A decision of an epoch
 * that had ended when it was stored counts for nothing, and is not compared. The version of the code is not part of a
 * decision's meaning: two versions may decide alike.
 */
import {
  commandSubject,
  decisionSubject,
  type Entry,
  type EntryData,
  type Position,
  type StoredObject,
} from '@skyflow/contracts';
import { decideRound } from '../decide-round.js';
import { evolveScheduling } from '../evolve.js';
import { type Attempts, newAttempts, roundLimits } from '../round-limits.js';
import { type EntryPlace, type SchedulingState, initialScheduling } from '../state.js';
import { type Difference, firstDifference } from './first-difference.js';
import type { OtherConfiguration } from './other-configuration.js';

export type RecordedDecision = EntryData<'PlacementDecided'>;

/** A decision that this code would not make. */
export interface Mismatch {
  position: Position;
  recorded: RecordedDecision;
  /** What is decided now in its place; undefined: nothing. */
  decided: RecordedDecision | undefined;
  /** Where they differ first. */
  difference: Difference;
}

export interface VerificationReport {
  /** Rounds and decisions that were decided again. */
  rounds: number;
  decisions: number;
  mismatches: number;
  first: Mismatch | undefined;
  /** Decisions that could not be compared, by why. */
  skipped: { superseded: number; beforeBasis: number };
  /** Versions of the code that made the decisions. */
  codes: string[];
}

interface Round {
  epoch: number;
  basis: Position;
  decided: readonly RecordedDecision[];
  /** Recorded so far. */
  seen: number;
}

export class Verification {
  /** @param other decide with this configuration, and compare what comes of it: placements, what waits and why. */
  constructor(private readonly other?: OtherConfiguration) {
    this.begin(initialScheduling());
  }

  /** Folded up to the last basis. */
  private state: SchedulingState = initialScheduling();
  /** Entries after it. */
  private ahead: { entry: Entry; place: EntryPlace }[] = [];
  private epoch = 0;
  private attempts: Attempts = newAttempts();
  private round: Round | undefined;
  private readonly codes = new Set<string>();
  readonly report: VerificationReport = {
    rounds: 0,
    decisions: 0,
    mismatches: 0,
    first: undefined,
    skipped: { superseded: 0, beforeBasis: 0 },
    codes: [],
  };

  /**
   * Goes on from this state (of a checkpoint, where older history was purged) in place of the log's beginning. Before the first entry.
   * Decisions on what was before it cannot be compared.
   * @param clusters the Cluster objects of then, of which another configuration may say something else.
   */
  begin(state: SchedulingState, clusters: readonly StoredObject[] = []): void {
    this.state = state;
    const { position } = state;
    for (const object of this.other?.over(clusters) ?? []) {
      const entry: Entry = { type: 'ObjectCreated', v: 1, at: 0, actor: '', corr: '', data: { object } };
      evolveScheduling(state, entry, { position, subject: commandSubject(), commitId: '', index: 0 });
    }
  }

  /**
   * The next entry of the log.
   * @param compare whether it is of the range that is verified; what is not is folded all the same.
   * @returns the mismatch, if it is a decision that this code would not make.
   */
  take(entry: Entry, place: EntryPlace, compare = true): Mismatch | undefined {
    this.ahead.push({ entry: this.other?.instead(entry) ?? entry, place });
    if (entry.type === 'EpochStarted') this.epochStarted(place);
    if (entry.type !== 'PlacementDecided') return undefined;
    if (compare) return this.compare(entry.data, place.position);
    this.advanceTo(entry.data.basis);
    return undefined;
  }

  /** Whatever was decided before was decided on what came before: nothing later is based on less. */
  private epochStarted(place: EntryPlace): void {
    if (place.subject !== decisionSubject('scheduler')) return;
    this.advanceTo(place.position);
    this.attempts = newAttempts();
  }

  private compare(recorded: RecordedDecision, position: Position): Mismatch | undefined {
    const { report } = this;
    if (recorded.epoch < this.epoch || recorded.epoch < this.state.epoch) {
      report.skipped.superseded++;
      return undefined;
    }
    this.epoch = recorded.epoch;
    const round = this.roundOf(recorded);
    if (round === undefined) {
      report.skipped.beforeBasis++;
      return undefined;
    }
    const decided = this.decidedOn(round, recorded);
    report.decisions++;
    this.codes.add(recorded.code);
    report.codes = [...this.codes].sort();
    const difference = this.differenceOf(recorded, decided);
    if (difference === undefined) return undefined;
    const mismatch = { position, recorded, decided, difference };
    report.mismatches++;
    report.first ??= mismatch;
    return mismatch;
  }

  /** With another configuration workloads may have their turn in another order. */
  private decidedOn(round: Round, { ref }: RecordedDecision): RecordedDecision | undefined {
    if (this.other === undefined) return round.decided[round.seen++];
    return round.decided.find((each) => each.ref.uid === ref.uid);
  }

  private differenceOf(recorded: RecordedDecision, decided: RecordedDecision | undefined): Difference | undefined {
    if (decided === undefined) {
      // With another configuration nothing may have to be said where the log says again what is so.
      const isNews = this.other === undefined || this.movesAnything(recorded);
      return isNews ? { path: '', recorded, decided: undefined } : undefined;
    }
    return this.other === undefined
      ? firstDifference(recorded, { ...decided, code: recorded.code })
      : firstDifference(outcomeOf(recorded), outcomeOf(decided));
  }

  private movesAnything({ ref, placements }: RecordedDecision): boolean {
    const shares = this.state.workloads.get(ref.uid)?.shares ?? [];
    const had = shares.filter(({ replicas }) => replicas > 0).map(({ cluster, replicas }) => ({ cluster, replicas }));
    return (
      firstDifference(
        had,
        placements.map(({ cluster, replicas }) => ({ cluster, replicas })),
      ) !== undefined
    );
  }

  /** Undefined: more than the basis is folded already, which only a decision that lost a race can have. */
  private roundOf({ epoch, basis, now }: RecordedDecision): Round | undefined {
    if (this.round?.epoch === epoch && this.round.basis === basis) return this.round;
    if (basis < this.state.position) return undefined;
    this.advanceTo(basis);
    const drafts = decideRound(this.state, roundLimits(epoch, now), this.attempts);
    const decided = drafts.map(({ data }) => data);
    this.report.rounds++;
    this.round = { epoch, basis, decided, seen: 0 };
    return this.round;
  }

  private advanceTo(position: Position): void {
    let folded = 0;
    for (const { entry, place } of this.ahead) {
      if (place.position > position) break;
      evolveScheduling(this.state, entry, place);
      folded++;
    }
    this.ahead = this.ahead.slice(folded);
  }
}

const outcomeOf = ({ placements, unplaced, reason }: RecordedDecision) => ({
  placements,
  unplaced,
  ...(reason !== undefined && { reason }),
});
