/** What people and machines asked for lately, from the log itself: who, when, what, by which request. */
import { type ReactElement, useMemo, useState } from 'react';
import type { Api } from '../api/api.js';
import { useMoment, usePolled, useSession } from '../api/hooks.js';
import { Empty, Waiting } from '../parts/empty.js';
import { ErrorNote } from '../parts/error-note.js';
import { Table } from '../parts/table.js';
import { commitsOf, linesOf, timeOf } from '../time/commit-text.js';

const ASKED_EVERY_MS = 5_000;
/** Commits of the log that are looked through. */
const LOOKED_AT = 2_000;
const SHOWN = 200;
/** Commands are what somebody asked for; everything else follows from them. */
const COMMANDS = 'sky.cmd.';

async function headOf(api: Api, signal: AbortSignal): Promise<number> {
  const { logHead, foldedSeq } = await api.json<{ logHead?: number; foldedSeq: number }>('/status', { signal });
  return logHead ?? foldedSeq;
}

export function WhoDidWhat(): ReactElement {
  const { api } = useSession();
  const [actor, setActor] = useState('');
  const at = useMoment()?.seq;
  const { data, error, again } = usePolled(
    `commands ${at ?? ''}`,
    at === undefined ? ASKED_EVERY_MS : undefined,
    async (signal) => {
      const last = at ?? (await headOf(api, signal));
      return api.text(`/log?from=${Math.max(1, last - LOOKED_AT)}&to=${last}`, { signal });
    },
  );
  const lines = useMemo(
    () =>
      commitsOf(data ?? '')
        .filter(({ subject }) => subject.startsWith(COMMANDS))
        .toReversed()
        .flatMap((logged) =>
          linesOf(logged).map((line, index) => ({ ...line, logged, key: `${logged.seq}/${index}` })),
        ),
    [data],
  );
  const actors = useMemo(() => [...new Set(lines.map((line) => line.actor))].sort(), [lines]);
  const shown = lines.filter((line) => actor === '' || line.actor === actor);
  if (data === undefined)
    return error === undefined ? <Waiting what="who did what" /> : <ErrorNote error={error} again={again} />;
  return (
    <section className="card">
      <div className="tile-head">
        <h2>Who did what</h2>
        <label>
          <span className="sr">Who</span>
          <select value={actor} onChange={(event) => setActor(event.target.value)}>
            <option value="">Everybody</option>
            {actors.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
      </div>
      {shown.length === 0 && <Empty title="Nothing lately" />}
      {shown.length > 0 && (
        <Table
          label="Who did what"
          columns={['When', 'Who', 'What', 'About', 'Commit', 'Request']}
          rows={shown.slice(0, SHOWN).map(({ key, logged, actor: who, what, about, request }) => ({
            key,
            cells: [
              timeOf(logged).toLocaleString(),
              who,
              what,
              about,
              logged.seq,
              <code key="request">{request.slice(0, 8)}</code>,
            ],
          }))}
        />
      )}
      {shown.length > SHOWN && <p>and {shown.length - SHOWN} more; all of it is in the log</p>}
    </section>
  );
}
