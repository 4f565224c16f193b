/** What the log has of it: who did what, when, and what followed. */
import type { ReactElement } from 'react';
import { useLoaded, useMoment, useSession } from '../api/hooks.js';
import { type Workload, workloadPath, type WorkloadAddress } from '../api/objects.js';
import { Waiting } from '../parts/empty.js';
import { ErrorNote } from '../parts/error-note.js';
import { Table } from '../parts/table.js';

export interface HistoryItem {
  time: string;
  position: number;
  actor: string;
  what: string;
  detail: string;
  correlationId: string;
}

export function HistoryTab({
  address: { namespace, plural, name },
  workload,
}: {
  address: WorkloadAddress;
  workload: Workload;
}): ReactElement {
  const path = `${workloadPath(namespace, plural, name)}/history`;
  return <History path={path} version={workload.metadata.resourceVersion} />;
}

/** @param version asked again when it changes. */
export function History({ path, version }: { path: string; version: string }): ReactElement {
  const { api } = useSession();
  const seq = useMoment()?.seq;
  const read = seq === undefined ? path : `${path}?at=${seq}`;
  const { data, error, again } = useLoaded(`${read} ${version}`, (signal) =>
    api.json<{ items: HistoryItem[] }>(read, { signal }),
  );
  if (data === undefined)
    return error === undefined ? <Waiting what="the history" /> : <ErrorNote error={error} again={again} />;
  return (
    <section className="card">
      <h2>History</h2>
      <Table
        label="History"
        columns={['Time', 'Who', 'What', 'Detail', 'Request']}
        rows={data.items.toReversed().map((item) => ({
          key: String(item.position),
          cells: [
            <time key="time" dateTime={item.time}>
              {new Date(item.time).toLocaleString()}
            </time>,
            item.actor,
            item.what,
            item.detail,
            <code key="request" title="The same for everything that follows from one request">
              {item.correlationId.slice(0, 8)}
            </code>,
          ],
        }))}
      />
    </section>
  );
}
