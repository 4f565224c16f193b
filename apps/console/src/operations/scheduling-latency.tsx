/** How long scheduling takes, stage by stage, of the last hour; as the gateway folds it from the log. */
import type { ReactElement } from 'react';
import { usePolled, useSession } from '../api/hooks.js';
import { Waiting } from '../parts/empty.js';
import { ErrorNote } from '../parts/error-note.js';
import { Table } from '../parts/table.js';
import { type Durations, durationText } from '../queues/waits.js';

const ASKED_EVERY_MS = 15_000;
const RANGE_MS = 3_600_000;

const WORDS: Readonly<Record<string, string>> = {
  decided: 'Submitted → decided',
  assigned: 'Decided → work for a cluster',
  applied: 'Work for a cluster → its first word',
};

export function SchedulingLatency(): ReactElement {
  const { api } = useSession();
  const { data, error, again } = usePolled('latency', ASKED_EVERY_MS, (signal) =>
    api.json<{ stages: ({ stage: string } & Durations)[] }>(
      `/schedulinglatency?from=${new Date(Date.now() - RANGE_MS).toISOString()}`,
      { signal },
    ),
  );
  return (
    <section className="card">
      <h2>Scheduling latency of the last hour</h2>
      {data === undefined && error === undefined && <Waiting what="the latency" />}
      {error !== undefined && <ErrorNote error={error} again={again} />}
      {data !== undefined && (
        <Table
          label="Scheduling latency"
          columns={['Stage', 'Count', 'Half within', '95 of 100 within', 'Longest']}
          rows={data.stages.map(({ stage, count, medianMs, p95Ms, longestMs }) => ({
            key: stage,
            cells: [WORDS[stage] ?? stage, count, durationText(medianMs), durationText(p95Ms), durationText(longestMs)],
          }))}
        />
      )}
    </section>
  );
}
