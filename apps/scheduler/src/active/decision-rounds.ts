/**
 * One turn of the decision loop: what is true now → health, moves, placements, releases → one or a few commits on
 * sky.evt.scheduler.
 */
import type { Heartbeat } from '@skyflow/contracts';
import {
  type Draft,
  Looks,
  type MoveDraft,
  type SchedulingState,
  decideHealth,
  decideMoves,
  decideReleases,
  decideRound,
  newAttempts,
  nextDueMs,
  noteCheck,
  roundLimits,
} from '@skyflow/domain';
import type { ActiveOptions } from './active-options.js';
import { OvertakenError } from './errors.js';
import { rawEntry } from './raw-entry.js';
import { RoundSpans } from './round-spans.js';

const RELEASES_PER_ROUND = 1_000;
const EVICTIONS_PER_ROUND = 20_000;
/** Moves are looked for this often, and at once when a cluster has changed. */
const MOVES_EVERY_MS = 400;

interface DecisionOptions extends Pick<ActiveOptions, 'projection' | 'writer' | 'heartbeats' | 'metrics' | 'epoch'> {
  /** Throws SteppedDownError when a newer epoch has started. */
  assertActive: () => void;
  /** Uids of workloads whose work is being written. */
  underWay: ReadonlySet<string>;
}

export class DecisionRounds {
  private readonly attempts = newAttempts();
  private readonly looks = new Looks();
  /** When moves were last looked for, and what the newest change of a cluster was then. */
  private lookedForMoves = { atMs: Number.NEGATIVE_INFINITY, topologyAt: 0 };

  constructor(private readonly options: DecisionOptions) {}

  /** Decides and appends once; resolves when what was appended is folded. False: there was nothing to decide. */
  async run(signal: AbortSignal): Promise<boolean> {
    const { writer, projection, metrics, assertActive } = this.options;
    assertActive();
    const startedAt = Date.now();
    const drafts = this.decide();
    if (drafts.length === 0) return false;
    const spans = new RoundSpans(drafts, startedAt);
    // A second call means that the log moved on under the writer: give up and decide anew.
    const groups = committedTogether(drafts);
    const outcomes = groups.map((group) => {
      let calls = 0;
      return writer.submit(() => {
        assertActive();
        if (++calls > 1) throw new OvertakenError('another commit came first');
        return { entries: group.map((draft) => rawEntry(draft, spans.traceOf(draft))), result: undefined };
      });
    });
    const settled = await Promise.allSettled(outcomes);
    const failures = new Map(
      groups.flatMap((group, index) => {
        const outcome = settled[index];
        return outcome?.status === 'rejected' ? group.map((draft) => [draft, outcome.reason as unknown] as const) : [];
      }),
    );
    spans.end((draft) => failures.get(draft));
    let seq = 0;
    for (const outcome of settled) {
      if (outcome.status === 'fulfilled' && outcome.value.ok) seq = Math.max(seq, outcome.value.seq);
    }
    if (seq > 0) await projection.waitFor(seq, { signal });
    const counts = new Map<Draft['type'], number>();
    groups.forEach((group, index) => {
      if (settled[index]?.status !== 'fulfilled') return;
      for (const { type } of group) counts.set(type, (counts.get(type) ?? 0) + 1);
    });
    for (const [type, count] of counts) metrics.decisions.add(count, { type });
    const failed = settled.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason as Error;
    return true;
  }

  /** Whether a heartbeat may change the health of its cluster right away. */
  isNews({ cluster, reachable }: Heartbeat): boolean {
    const known = this.options.projection.state.clusters.get(cluster);
    return known !== undefined && (known.health.state === 'READY') !== reachable;
  }

  /** When time alone makes another round worth it, ms since the epoch; undefined: never. */
  nextDueMs(): number | undefined {
    return nextDueMs(this.options.projection.state, Date.now());
  }

  /** The wall clock: grace times go on while no scheduler runs. */
  private moves(state: SchedulingState, nowMs: number): MoveDraft[] {
    const { atMs, topologyAt } = this.lookedForMoves;
    if (nowMs - atMs < MOVES_EVERY_MS && state.topologyAt === topologyAt) return [];
    const limits = { epoch: this.options.epoch, nowMs: Date.now(), shares: EVICTIONS_PER_ROUND };
    const moves = decideMoves(state, limits, this.looks);
    if (moves.length === 0) this.lookedForMoves = { atMs: nowMs, topologyAt: state.topologyAt };
    return moves;
  }

  private decide(): Draft[] {
    const { projection, heartbeats, metrics, epoch, underWay } = this.options;
    const { state } = projection;
    const startedAt = performance.now();
    noteCheck(heartbeats.heartbeats, startedAt);
    const health = decideHealth(state, heartbeats.heartbeats, startedAt, epoch);
    // Health first and alone: placements are decided on what it says.
    if (health.length > 0) return health;
    const moves = this.moves(state, startedAt);
    if (moves.length > 0) return moves;
    const round = decideRound(state, roundLimits(epoch, Date.now()), this.attempts);
    const drafts = [...round, ...decideReleases(state, epoch, RELEASES_PER_ROUND, underWay)];
    if (drafts.length > 0) metrics.roundMs.record(performance.now() - startedAt);
    return drafts;
  }
}

/** The drafts in order, those together that must be stored all or none. */
function committedTogether(drafts: readonly Draft[]): Draft[][] {
  const groups: Draft[][] = [];
  for (const draft of drafts) {
    const last = groups.at(-1);
    if (draft.together !== undefined && last?.[0]?.together === draft.together) last.push(draft);
    else groups.push([draft]);
  }
  return groups;
}
