/** Conditions of an object, as Kubernetes has them. */
import type { ReactElement } from 'react';
import type { Condition } from '@skyflow/contracts';
import { useNow } from '../api/hooks.js';
import { ageOf } from './age.js';
import { Table } from './table.js';

export function Conditions({ conditions }: { conditions: readonly Condition[] }): ReactElement | null {
  const nowMs = useNow(5_000);
  if (conditions.length === 0) return null;
  return (
    <section className="card">
      <h2>Conditions</h2>
      <Table
        label="Conditions"
        columns={['Type', 'Status', 'Reason', 'Message', 'Since']}
        rows={conditions.map(({ type, status, reason, message, lastTransitionTime }) => ({
          key: type,
          cells: [type, status, reason, message, ageOf(lastTransitionTime, nowMs)],
        }))}
      />
    </section>
  );
}
