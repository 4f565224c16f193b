/** How long scheduling takes, stage by stage, of the last hour; as the gateway folds it from the log. */
import type { ReactElement } from 'react';
import { useMoment, usePolled, useSession } from '../api/hooks.js';
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

/** @param untilMs end of the hour; undefined: now */
function latencyPath(untilMs: number | undefined): string {
  const from = new Date((untilMs ?? Date.now()) - RANGE_MS).toISOString();
  return `/schedulinglatency?from=${from}${untilMs === undefined ? '' : `&to=${new Date(untilMs).toISOString()}`}`;
}

export function SchedulingLatency(): ReactElement {
  const { api } = useSession();
  const moment = useMoment();
  const { data, error, again } = usePolled(
    `latency ${moment?.seq ?? ''}`,
    moment === undefined ? ASKED_EVERY_MS : undefined,
    (signal) => api.json<{ stages: ({ stage: string } & Durations)[] }>(latencyPath(moment?.atMs), { signal }),
  );
  return (
    <section className="card">
      <h2>Scheduling latency of the {moment?.atMs === undefined ? 'last hour' : 'hour before'}</h2>
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
