/** What a change would move, as the scheduler worked it out. */
import type { ReactElement } from 'react';
import type { MovePreview } from '@skyflow/contracts';

export function PreviewText({ preview }: { preview: MovePreview }): ReactElement {
  const { moves, workloads, replicas, waiting, objection } = preview;
  if (workloads === 0) return <p>Nothing would move.</p>;
  return (
    <>
      {objection !== undefined && <p className="note note-warn">{objection}</p>}
      <p>
        {workloads} {workloads === 1 ? 'workload' : 'workloads'} with {replicas} replicas would move; {waiting} replicas
        would find no place.
      </p>
      <div className="scroll" role="region" aria-label="Moves" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Workload</th>
              <th scope="col">From</th>
              <th scope="col">To</th>
              <th scope="col">Would wait</th>
            </tr>
          </thead>
          <tbody>
            {moves.map((move) => (
              <tr key={`${move.kind}/${move.namespace ?? ''}/${move.name}`}>
                <th scope="row">
                  {move.namespace ?? ''}/{move.name}
                </th>
                <td>{sharesText(move.from)}</td>
                <td>{sharesText(move.to)}</td>
                <td title={move.message}>{move.waiting > 0 ? `${move.waiting}: ${move.message ?? ''}` : '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

export const sharesText = (shares: readonly { cluster: string; replicas: number }[]): string =>
  shares.map(({ cluster, replicas }) => `${replicas} on ${cluster}`).join(', ') || '–';
