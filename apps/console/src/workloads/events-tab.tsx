/** Events about it, of SkyFlow and of every cluster, the latest first. */
import type { ReactElement } from 'react';
import { LABEL_WORKLOAD_UID } from '@skyflow/contracts';
import { useMoment, useNow, usePolled, useSession } from '../api/hooks.js';
import type { Workload } from '../api/objects.js';
import { ageOf } from '../parts/age.js';
import { Badge } from '../parts/badge.js';
import { Empty, Waiting } from '../parts/empty.js';
import { ErrorNote } from '../parts/error-note.js';
import { Table } from '../parts/table.js';
import { NotInTheLog } from '../time/not-in-the-log.js';

interface Event {
  metadata: { name: string; uid: string; labels?: Record<string, string>; creationTimestamp: string };
  type: string;
  reason: string;
  message: string;
  count?: number;
  lastTimestamp?: string;
  involvedObject: { kind: string; name: string };
}

const ASKED_EVERY_MS = 5_000;

export function EventsTab({ workload: { metadata } }: { workload: Workload }): ReactElement {
  const { api } = useSession();
  const moment = useMoment();
  const clockMs = useNow(1_000);
  const nowMs = moment?.atMs ?? clockMs;
  const selector = new URLSearchParams({ labelSelector: `${LABEL_WORKLOAD_UID}=${metadata.uid}` });
  if (moment !== undefined) selector.set('at', String(moment.seq));
  const path = `/api/v1/namespaces/${encodeURIComponent(metadata.namespace ?? '')}/events?${selector.toString()}`;
  const { data, error, again } = usePolled(path, moment === undefined ? ASKED_EVERY_MS : undefined, (signal) =>
    api.json<{ items: Event[] }>(path, { signal }),
  );
  if (data === undefined)
    return error === undefined ? <Waiting what="events" /> : <ErrorNote error={error} again={again} />;
  const timeOf = (event: Event): string => event.lastTimestamp ?? event.metadata.creationTimestamp;
  const events = data.items.toSorted((one, other) => Date.parse(timeOf(other)) - Date.parse(timeOf(one)));
  return (
    <section className="card">
      <h2>Events ({events.length})</h2>
      <NotInTheLog>
        Events of clusters are not in SkyFlow’s log. These are SkyFlow’s own, as they were at that moment.
      </NotInTheLog>
      {error !== undefined && <ErrorNote error={error} again={again} />}
      {events.length === 0 ? (
        <Empty title="No events" />
      ) : (
        <Table
          label="Events"
          columns={['Age', 'Type', 'Reason', 'About', 'Cluster', 'Message', 'Count']}
          rows={events.map((event) => ({
            key: event.metadata.uid,
            cells: [
              ageOf(timeOf(event), nowMs),
              <Badge key="type" word={event.type} tone={event.type === 'Warning' ? 'warn' : 'off'} />,
              event.reason,
              `${event.involvedObject.kind} ${event.involvedObject.name}`,
              event.metadata.labels?.['skyflow.io/cluster'] ?? '–',
              event.message,
              event.count ?? 1,
            ],
          }))}
        />
      )}
    </section>
  );
}
