/** The history of one object, read back from the log: from when it was made, or from the beginning if it is gone. */
import { decodeEntry, positionOf } from '@skyflow/contracts';
import { type HistoryLine, type HistorySubject, type ObjectRecord, historyLine, initialHistory } from '@skyflow/domain';
import type { EventLog } from '@skyflow/event-log';

export interface HistoryItem extends HistoryLine {
  /** RFC 3339, with milliseconds. */
  time: string;
  /** In the log; what resourceVersion counts. */
  position: number;
  actor: string;
  /** Entry that led to this one, where one did. */
  cause?: string;
  /** The same for everything that follows from one request. */
  correlationId: string;
  /** Process that wrote it. */
  writer: string;
}

/** Clocks of writers may differ from that of the server. */
const CLOCK_SKEW_MS = 10_000;
/** What one cluster must have is said by the placements already. */
const TOLD = /^sky\.(cmd|evt|obs)\./;

export interface HistoryRange {
  /** The latest so many. */
  most: number;
  /** Last commit that counts; default: that of now. */
  to?: number;
}

export interface ReadHistory {
  items: HistoryItem[];
  /** What was before the first is not in the log any more, if there was anything. */
  isCut: boolean;
}

export async function objectHistory(
  log: EventLog,
  subject: HistorySubject,
  record: ObjectRecord | undefined,
  { most, to }: HistoryRange,
  signal: AbortSignal,
): Promise<ReadHistory> {
  const last = to ?? (await log.head());
  const made = record === undefined ? 0 : await log.sequenceAt(Date.parse(record.creationTimestamp) - CLOCK_SKEW_MS);
  // What is there now may be another object of that name than was there then.
  const began = made < last ? made : 0;
  const since = Math.max(began, (await log.first()) - 1);
  const state = initialHistory();
  let items: HistoryItem[] = [];
  for await (const { seq, subject: channel, commit } of log.read({ from: since + 1, to: last, signal })) {
    if (!TOLD.test(channel)) continue;
    for (const [index, raw] of commit.entries.entries()) {
      const cluster = /^sky\.obs\.(.+)$/.exec(channel)?.[1];
      const line = historyLine(state, subject, decodeEntry(raw), cluster);
      if (line === undefined) continue;
      const { at, actor, cause, corr } = raw;
      items.push({
        time: new Date(at).toISOString(),
        position: positionOf(seq, index),
        actor,
        ...line,
        ...(cause === undefined ? {} : { cause }),
        correlationId: corr,
        writer: commit.writer,
      });
      if (items.length > most * 2) items = items.slice(-most);
    }
  }
  return { items: items.slice(-most), isCut: began < since && items[0]?.what !== 'Created' };
}
