/** The history of an object as a timeline: when, who, what, and what it followed from. */
import { renderTable } from '../../output/table.js';

/** A line of what the gateway answers at `…/history`. */
export interface HistoryItem {
  /** RFC 3339, with milliseconds. */
  time: string;
  /** In the log. */
  position: number;
  actor: string;
  what: string;
  detail: string;
  /** Entry of the log that led to it. */
  cause?: string;
  /** The same for everything that follows from one request. */
  correlationId: string;
}

/** `wide`: with positions, and with the ids by which the log knows causes. */
export function renderTimeline(items: readonly HistoryItem[], wide: boolean): string {
  const beginnings = new Map<string, HistoryItem>();
  for (const item of items) {
    if (item.cause === undefined && !beginnings.has(item.correlationId)) beginnings.set(item.correlationId, item);
  }
  const rows = items.map((item) => [
    item.time.replace('T', ' ').replace(/\.\d+Z$/, 'Z'),
    item.actor,
    item.what,
    causeOf(item, beginnings.get(item.correlationId)),
    item.detail,
    ...(wide ? [String(item.position), item.cause ?? item.correlationId] : []),
  ]);
  const columns = ['Time', 'Actor', 'What', 'Cause', 'Detail', ...(wide ? ['Position', 'Cause in the log'] : [])];
  return renderTable({ columns, rows });
}

/** What a person or service asked for, of this object or, where that is not in its history, of another one. */
function causeOf(item: HistoryItem, beginning: HistoryItem | undefined): string {
  if (item.cause === undefined) return '-';
  return beginning === undefined ? 'something else' : `${beginning.what} by ${beginning.actor}`;
}
