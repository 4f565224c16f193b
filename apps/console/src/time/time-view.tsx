/** A slider over the log that puts every view back to a moment; what happened then; what differs between then and another moment. */
import { type ReactElement, useEffect, useState } from 'react';
import { useLoaded, useMay, useMoment, useSession } from '../api/hooks.js';
import { storeAt } from '../api/moment.js';
import { Waiting } from '../parts/empty.js';
import { ErrorNote } from '../parts/error-note.js';
import { Table } from '../parts/table.js';
import { commitsOf, linesOf, timeOf } from './commit-text.js';
import { type Difference, MOST_DIFFERENCES, differences } from './differences.js';

/** After the slider rests for so long, the past is asked for. */
const REST_MS = 200;

export function TimeView(): ReactElement {
  const session = useSession();
  const moment = useMoment();
  const mayLog = useMay({ verb: 'get', path: '/log' });
  const head = useLoaded('head', (signal) =>
    session.api.json<{ logHead?: number; foldedSeq: number }>('/status', { signal }),
  );
  const last = head.data?.logHead ?? head.data?.foldedSeq ?? 1;
  const [seq, setSeq] = useState<number>();
  const at = seq ?? moment?.seq ?? last;
  useEffect(() => {
    if (seq === undefined) return undefined;
    const timer = setTimeout(() => void session.moment.go(seq, session.live.watched()), REST_MS);
    return () => clearTimeout(timer);
  }, [session, seq]);
  if (head.data === undefined)
    return head.error === undefined ? <Waiting what="the log" /> : <ErrorNote error={head.error} again={head.again} />;
  const step = (by: number): void => setSeq(Math.min(last, Math.max(1, at + by)));
  return (
    <>
      <div className="view-head">
        <h1>Time</h1>
        <p className="view-sum">
          commit {at} of {last}
        </p>
      </div>
      <section className="card">
        <label className="slider">
          Every view as it was after this commit of the log
          <input
            type="range"
            min={1}
            max={last}
            value={at}
            aria-valuetext={`commit ${at} of ${last}`}
            onChange={(event) => setSeq(event.target.valueAsNumber)}
          />
        </label>
        <div className="actions">
          <button type="button" onClick={() => step(-1)}>
            Earlier
          </button>
          <button type="button" onClick={() => step(1)}>
            Later
          </button>
          <button
            type="button"
            onClick={() => {
              setSeq(undefined);
              session.moment.leave();
              head.again();
            }}
          >
            Now
          </button>
        </div>
      </section>
      {moment?.error !== undefined && <ErrorNote error={moment.error} />}
      {mayLog && <Happened seq={at} />}
      <Compare seq={at} last={last} />
    </>
  );
}

/** Commits that are shown before and after the one. */
const AROUND = 5;

function Happened({ seq }: { seq: number }): ReactElement {
  const { api } = useSession();
  const from = Math.max(1, seq - AROUND);
  const { data, error, again } = useLoaded(`log ${seq}`, (signal) =>
    api.text(`/log?from=${from}&to=${seq + AROUND}`, { signal }),
  );
  if (data === undefined)
    return error === undefined ? <Waiting what="what happened" /> : <ErrorNote error={error} again={again} />;
  return (
    <section className="card">
      <h2>What happened</h2>
      <Table
        label="What happened"
        columns={['Commit', 'Time', 'Who', 'What', 'About', 'Led to by', 'Request']}
        rows={commitsOf(data).flatMap((logged) =>
          linesOf(logged).map((line, index) => ({
            key: `${logged.seq}/${index}`,
            cells: [
              logged.seq === seq ? <strong key="seq">{logged.seq} ◂</strong> : logged.seq,
              timeOf(logged).toLocaleTimeString(),
              line.actor,
              line.what,
              line.about,
              <code key="cause">{line.cause.slice(-12)}</code>,
              <code key="request">{line.request.slice(0, 8)}</code>,
            ],
          })),
        )}
      />
    </section>
  );
}

function Compare({ seq, last }: { seq: number; last: number }): ReactElement {
  const session = useSession();
  const [other, setOther] = useState(last);
  const [found, setFound] = useState<{ from: number; to: number; list: Difference[] }>();
  const [error, setError] = useState<unknown>();
  const compare = async (): Promise<void> => {
    const kinds = session.live.watched();
    const [from, to] = [Math.min(seq, other), Math.max(seq, other)];
    const [before, after, workloads] = await Promise.all([
      storeAt(session.api, from, kinds),
      storeAt(session.api, to, kinds),
      session.workloads.compare(from, to),
    ]);
    const few = kinds.flatMap((kind) => differences(kind, before.list(kind), after.list(kind)));
    setFound({ from, to, list: [...few, ...workloads] });
  };
  return (
    <section className="card">
      <h2>Differences</h2>
      <label>
        Between commit {seq} and{' '}
        <input
          type="number"
          min={1}
          max={last}
          value={other}
          onChange={(event) => setOther(event.target.valueAsNumber || 1)}
        />
      </label>{' '}
      <button
        type="button"
        onClick={() => {
          setError(undefined);
          compare().catch((problem: unknown) => setError(problem));
        }}
      >
        Compare
      </button>
      {error !== undefined && <ErrorNote error={error} />}
      {found !== undefined && (
        <>
          <p role="status">
            {found.list.length}
            {found.list.length >= MOST_DIFFERENCES ? ' or more' : ''} differences from commit {found.from} to {found.to}
          </p>
          {found.list.length > 0 && (
            <Table
              label="Differences"
              columns={['Object', 'Kind', 'What', 'Before', 'After']}
              rows={found.list.map(({ kind, key, what, before, after }) => ({
                key: `${kind} ${key}`,
                cells: [key.replace(/^\//, ''), kind, what, before || '–', after || '–'],
              }))}
            />
          )}
        </>
      )}
    </section>
  );
}
