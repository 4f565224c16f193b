/**
 * Scheduling latency of the last hours, kept current with the fold once somebody has asked: who looks every few seconds does not have the
 * log read anew each time. What lies further back is read from the log, and not kept.
 */
import { positionOf } from '@skyflow/contracts';
import { type SchedulingStage, StageTimes } from '@skyflow/domain';
import type { BatchListener, EventLog, RecordedCommit } from '@skyflow/event-log';
import { purged } from '../past/past-states.js';
import type { ReadModel } from '../store/read-model.js';

/** Kept for who asks again. */
const KEPT_MS = 2 * 3_600_000;
/** Stages that ended; ten thousand workloads an hour are 60,000. */
const MOST_KEPT = 200_000;
/** How often what is too old is looked for. */
const FORGET_EVERY_COMMITS = 1_000;

export interface LatencyBookOptions {
  log: EventLog;
  model: Pick<ReadModel, 'seq' | 'waitForSeq'>;
  onBatch: (listener: BatchListener) => unknown;
  /** Aborts when the gateway stops. */
  stopping: AbortSignal;
}

interface Kept {
  times: StageTimes;
  /** Last commit that is in it. */
  seq: number;
}

export class LatencyBook {
  private kept: Kept | undefined;
  private reading: Promise<unknown> = Promise.resolve();
  private sinceForgotten = 0;

  constructor(private readonly options: LatencyBookOptions) {
    options.onBatch((commits) => this.folded(commits));
  }

  /**
   * Of workloads that were submitted after commit `fromSeq`: stages that ended up to and with commit `toSeq`, ms.
   * @throws StatusError 410 when the log does not hold enough any more
   */
  async between(fromSeq: number, toSeq: number, nowMs: number): Promise<Record<SchedulingStage, number[]>> {
    const [from, to] = [endOf(fromSeq), endOf(toSeq)];
    await this.options.model.waitForSeq(toSeq, this.options.stopping);
    const known = this.kept;
    if (known !== undefined && known.times.since <= from && known.seq >= toSeq) return known.times.between(from, to);
    // One after the other: the next may find what it wants.
    const read = this.reading.then(() => this.read(fromSeq, nowMs));
    this.reading = read.catch(() => undefined);
    return (await read).times.between(from, to);
  }

  private folded(commits: readonly RecordedCommit[]): void {
    const { kept } = this;
    if (kept === undefined) return;
    for (const recorded of commits) foldInto(kept, recorded);
    this.sinceForgotten += commits.length;
    if (this.sinceForgotten < FORGET_EVERY_COMMITS) return;
    this.sinceForgotten = 0;
    kept.times.forget((commits.at(-1)?.storedAt ?? 0) - KEPT_MS, MOST_KEPT);
  }

  /** What was submitted after a commit; kept from now on, unless it is of long ago. */
  private async read(fromSeq: number, nowMs: number): Promise<Kept> {
    const { log, model, stopping } = this.options;
    if (this.kept !== undefined && this.kept.times.since <= endOf(fromSeq)) return this.kept;
    const first = await log.first();
    if (first > fromSeq + 1) throw await purged(this.options, fromSeq, first, 'from');
    const fresh: Kept = { times: new StageTimes(endOf(fromSeq)), seq: fromSeq };
    let begunMs: number | undefined;
    // Until nothing is folded that is not in it: what comes after is told by the fold.
    do {
      for await (const recorded of log.read({ from: fresh.seq + 1, to: await log.head(), signal: stopping })) {
        begunMs ??= recorded.storedAt;
        foldInto(fresh, recorded);
      }
      stopping.throwIfAborted();
    } while (fresh.seq < model.seq);
    if ((begunMs ?? nowMs) >= nowMs - KEPT_MS) this.kept = fresh;
    return fresh;
  }
}

function foldInto(kept: Kept, { seq, storedAt, commit }: RecordedCommit): void {
  if (seq <= kept.seq) return;
  for (const [index, entry] of commit.entries.entries())
    kept.times.evolve(entry, { position: positionOf(seq, index) }, storedAt);
  kept.seq = seq;
}

/** The last position that a commit can have. */
const endOf = (seq: number): number => positionOf(seq + 1, 0) - 1;
