/** What would become of the workloads. */
import type { ReactElement } from 'react';
import type { SimulatedWorkload, Simulation } from '@skyflow/contracts';
import { Badge } from '../parts/badge.js';
import { sharesText } from '../parts/preview-text.js';
import { Table } from '../parts/table.js';

const TONES: Readonly<Record<SimulatedWorkload['outcome'], 'good' | 'busy' | 'warn' | 'bad'>> = {
  placed: 'good',
  moved: 'busy',
  preempted: 'bad',
  waiting: 'warn',
};

export function SimulationResult({
  simulation: { counts, workloads, position },
}: {
  simulation: Simulation;
}): ReactElement {
  const changed = Object.entries(counts).filter(([, count]) => count > 0);
  return (
    <section className="card" aria-live="polite">
      <h2>
        {changed.length === 0
          ? 'Nothing would change'
          : changed.map(([outcome, count]) => `${count} ${outcome}`).join(', ')}
      </h2>
      {workloads.length > 0 && (
        <Table
          label="What would become of workloads"
          columns={['Workload', 'Outcome', 'Now', 'Then', 'Would wait', 'Why']}
          rows={workloads.map(({ kind, namespace = '', name, outcome, before, after, waiting, message, reason }) => ({
            key: `${kind}/${namespace}/${name}`,
            cells: [
              `${namespace}/${name}`,
              <Badge key="outcome" word={outcome} tone={TONES[outcome]} />,
              sharesText(before),
              sharesText(after),
              waiting,
              message ?? reason ?? '',
            ],
          }))}
        />
      )}
      <p className="hint">As of position {position} of the log.</p>
    </section>
  );
}
