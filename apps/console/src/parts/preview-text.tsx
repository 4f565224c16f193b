/** What a change would move, as the scheduler worked it out. */
import type { ReactElement } from 'react';
import type { MovePreview } from '@skyflow/contracts';
import { Table } from './table.js';

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
      <Table
        label="Moves"
        columns={['Workload', 'From', 'To', 'Would wait']}
        rows={moves.map(({ kind, namespace = '', name, from, to, waiting: left, message = '' }) => ({
          key: `${kind}/${namespace}/${name}`,
          cells: [`${namespace}/${name}`, sharesText(from), sharesText(to), left > 0 ? `${left}: ${message}` : '–'],
        }))}
      />
    </>
  );
}

export const sharesText = (shares: readonly { cluster: string; replicas: number }[]): string =>
  shares.map(({ cluster, replicas }) => `${replicas} on ${cluster}`).join(', ') || '–';
