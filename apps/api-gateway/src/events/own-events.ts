/**
 * What the log says about objects lately: read from the log when first asked for, and kept up with the fold from then on. Bounded;
 * older ones are in the log.
 */
import { positionOf } from '@skyflow/contracts';
import { type LogEvent, logEvents } from '@skyflow/domain';
import type { EventLog, RecordedCommit } from '@skyflow/event-log';

export interface OwnEventsOptions {
  log: EventLog;
  /** Sequence up to which the log is folded. */
  foldedSeq: () => number;
  /** Calls back after each folded batch. */
  onBatch: (listener: (commits: readonly RecordedCommit[]) => void) => void;
}

const MOST_EVENTS = 10_000;
/** How far back the log is read for the first answer. */
const MOST_COMMITS = 50_000;

export class OwnEvents {
  private readonly events = new Map<string, LogEvent>();
  private filling: Promise<void> | undefined;

  constructor(private readonly options: OwnEventsOptions) {}

  async recent(): Promise<LogEvent[]> {
    this.filling ??= this.fill().catch((error: unknown) => {
      this.filling = undefined;
      throw error;
    });
    await this.filling;
    return [...this.events.values()];
  }

  private async fill(): Promise<void> {
    const { log, foldedSeq, onBatch } = this.options;
    const to = foldedSeq();
    onBatch((commits) => {
      for (const commit of commits) this.add(commit);
    });
    if (to === 0) return;
    for await (const recorded of log.read({ from: Math.max(1, to - MOST_COMMITS), to })) this.add(recorded);
  }

  private add({ seq, subject, commit, undecoded }: RecordedCommit): void {
    if (undecoded === true) return; // nothing of it is an event
    for (const [index, entry] of commit.entries.entries()) {
      const position = positionOf(seq, index);
      for (const event of logEvents(entry, position, subject)) this.events.set(`${position}/${event.index}`, event);
    }
    for (const key of this.events.keys()) {
      if (this.events.size <= MOST_EVENTS) return;
      this.events.delete(key);
    }
  }
}
