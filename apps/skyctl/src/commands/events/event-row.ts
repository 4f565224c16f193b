/** An event as a row. */
import type { ApiObject } from '@skyflow/contracts';
import { ageOf } from '../../output/age.js';

/** core/v1 Event, as far as it is shown. */
export interface EventObject extends ApiObject {
  involvedObject?: { kind?: string; name?: string };
  reason?: string;
  message?: string;
  type?: string;
  lastTimestamp?: string | null;
  eventTime?: string | null;
  series?: { count?: number; lastObservedTime?: string };
  count?: number | null;
}

export const lastSeenOf = ({ series, lastTimestamp, eventTime, metadata }: EventObject): string =>
  series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp;

export function eventRow(event: EventObject, nowMs: number): string[] {
  const { involvedObject = {}, metadata, series, count } = event;
  const times = series?.count ?? count ?? 1;
  const message = (event.message ?? '').trim().replaceAll(/\s*\n\s*/g, ' ');
  return [
    ageOf(lastSeenOf(event), nowMs),
    metadata.labels?.['skyflow.io/cluster'] ?? '-',
    event.type ?? '',
    event.reason ?? '',
    `${(involvedObject.kind ?? '').toLowerCase()}/${involvedObject.name ?? ''}`,
    times > 1 ? `${message} (${times} times)` : message,
  ];
}
