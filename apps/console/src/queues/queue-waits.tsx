/** How long workloads of a queue waited, hour by hour: bars for the eye, the same as a table for everybody. */
import type { ReactElement } from 'react';
import { useMoment, usePolled, useSession } from '../api/hooks.js';
import { Waiting } from '../parts/empty.js';
import { ErrorNote } from '../parts/error-note.js';
import { Table } from '../parts/table.js';
import { type QueueWaits, durationText, eventful, waitsPath } from './waits.js';

const ASKED_EVERY_MS = 30_000;

export function QueueWaitsTable({ queue }: { queue: string }): ReactElement {
  const { api } = useSession();
  const moment = useMoment();
  const { data, error, again } = usePolled(
    `waits ${queue} ${moment?.seq ?? ''}`,
    moment === undefined ? ASKED_EVERY_MS : undefined,
    (signal) => api.json<QueueWaits>(waitsPath(queue, Date.now(), moment?.atMs), { signal }),
  );
  if (data === undefined)
    return error === undefined ? <Waiting what="the waits" /> : <ErrorNote error={error} again={again} />;
  const periods = eventful(data.periods);
  const longest = Math.max(1, ...periods.map(({ waits }) => waits.p95Ms ?? 0));
  if (periods.length === 0) return <p className="view-sum">Nothing waited in the last 24 hours.</p>;
  return (
    <Table
      label={`Waits in ${queue}`}
      columns={['From', 'Got their places', 'Half within', '95 of 100 within', 'Waiting at the end']}
      rows={periods.map(({ from, waits, waiting }) => ({
        key: from,
        cells: [
          new Date(from).toLocaleTimeString([], { weekday: 'short', hour: '2-digit', minute: '2-digit' }),
          waits.count,
          durationText(waits.medianMs),
          <>
            {durationText(waits.p95Ms)}
            <span className="wait-bar" aria-hidden="true">
              <span style={{ width: `${((waits.p95Ms ?? 0) / longest) * 100}%` }} />
            </span>
          </>,
          waiting,
        ],
      }))}
    />
  );
}
