/** Why its replicas are where they are, or why they wait and what would help. */
import type { ReactElement } from 'react';
import type { PlacementExplanation } from '@skyflow/contracts';
import { useLoaded, useMoment, useNow, useSession } from '../api/hooks.js';
import { type Workload, workloadPath, type WorkloadAddress } from '../api/objects.js';
import { ageOf, durationText } from '../parts/age.js';
import { Badge } from '../parts/badge.js';
import { Waiting } from '../parts/empty.js';
import { ErrorNote } from '../parts/error-note.js';
import { TableFrame } from '../parts/table.js';
import { type Cell, type Explanation, type Picture, pictureOf, winnersText } from './placement-picture.js';

export function WhyTab({
  address: { namespace, plural, name },
  workload,
}: {
  address: WorkloadAddress;
  workload: Workload;
}): ReactElement {
  const { api } = useSession();
  const clockMs = useNow(5_000);
  const moment = useMoment();
  const nowMs = moment?.atMs ?? clockMs;
  const at = moment === undefined ? '' : `?at=${moment.seq}`;
  const path = `${workloadPath(namespace, plural, name)}/explain${at}`;
  const placed = workload.status?.clusters.map(({ cluster, replicas }) => `${cluster} ${replicas}`).join();
  const { data, error, loading, again } = useLoaded(
    `${path} ${placed ?? ''} ${workload.status?.reason ?? ''}`,
    (signal) => api.json<Explanation>(path, { signal }),
  );
  if (data === undefined)
    return error === undefined ? <Waiting what="the decision" /> : <ErrorNote error={error} again={again} />;
  const picture = pictureOf(data);
  return (
    <section className="card" aria-busy={loading}>
      <h2>{winnersText(picture)}</h2>
      {(data.unplaced ?? 0) > 0 && (
        <p>
          <strong>{data.unplaced} waiting:</strong> {data.message ?? data.reason}
        </p>
      )}
      {data.now?.waiting !== undefined && <WaitingText waiting={data.now.waiting} />}
      {error !== undefined && <ErrorNote error={error} again={again} />}
      <PictureTable picture={picture} />
      <p className="hint">
        {data.decidedAt === undefined
          ? 'Not decided yet.'
          : `Decided ${ageOf(data.decidedAt, nowMs)} ago, at position ${data.position ?? '?'} of the log, by ${data.code ?? '?'}.`}{' '}
        {data.nowUnknown}
      </p>
    </section>
  );
}

function WaitingText({ waiting }: { waiting: NonNullable<PlacementExplanation['waiting']> }): ReactElement {
  const { queue, place, of, waitedMs, estimate } = waiting;
  return (
    <p>
      Place {place} of {of} in {queue === undefined ? 'the queue' : `queue ${queue}`}; it has waited{' '}
      {durationText(waitedMs)}.{' '}
      {estimate === undefined
        ? 'How long it will take is not known: no wait has ended yet.'
        : `Estimate: ${durationText(estimate.ms)} in all, from ${estimate.from.waits} earlier waits.`}
    </p>
  );
}

const SIGNS: Readonly<Record<Cell, string>> = { passed: '✓', refused: '✕', unasked: '·' };
const WORDS: Readonly<Record<Cell, string>> = { passed: 'passed', refused: 'refused', unasked: 'not asked' };
const TONES = { taken: 'good', possible: 'off', refused: 'bad' } as const;

function PictureTable({ picture: { rules, scores, rows } }: { picture: Picture }): ReactElement {
  const changes = rows.some(({ change }) => change !== '');
  return (
    <TableFrame label="Clusters and rules" className="picture">
      <thead>
        <tr>
          <th scope="col">Cluster</th>
          <th scope="col">Verdict</th>
          <th scope="col">Replicas</th>
          {rules.map((rule) => (
            <th scope="col" key={rule} className="slant">
              <span>{rule}</span>
            </th>
          ))}
          <th scope="col">Fits</th>
          {scores.map((score) => (
            <th scope="col" key={score}>
              {score}
            </th>
          ))}
          <th scope="col">Score</th>
          <th scope="col">Why not</th>
          {changes && <th scope="col">Would be admitted if it</th>}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.cluster} className={`row-${row.outcome}`}>
            <th scope="row">{row.cluster}</th>
            <td>
              <Badge word={row.outcome === 'possible' ? 'not needed' : row.outcome} tone={TONES[row.outcome]} />
            </td>
            <td>{row.replicas}</td>
            {row.cells.map((cell, index) => (
              <td key={rules[index]} className={`cell-${cell}`}>
                <span aria-hidden="true">{SIGNS[cell]}</span>
                <span className="sr">{WORDS[cell]}</span>
              </td>
            ))}
            <td>{row.fits ?? '–'}</td>
            {row.scores.map((score, index) => (
              <td key={scores[index]}>{score?.toFixed(1) ?? '–'}</td>
            ))}
            <td>{row.total?.toFixed(1) ?? '–'}</td>
            <td>{row.why || '–'}</td>
            {changes && <td>{row.change || '–'}</td>}
          </tr>
        ))}
      </tbody>
    </TableFrame>
  );
}
