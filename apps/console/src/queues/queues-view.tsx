/** Queues as a tree: what each is sure of, uses, borrows; what waits in it and since when. */
import { type ReactElement, useMemo, useState } from 'react';
import type { Queue } from '@skyflow/contracts';
import { useComplete, useNow } from '../api/hooks.js';
import { ageOf } from '../parts/age.js';
import { Empty, Waiting } from '../parts/empty.js';
import { queueTree, quotaUses } from './queue-tree.js';
import { QueueWaitsTable } from './queue-waits.js';
import { QuotaMeter } from './quota-meter.js';
import { useQueues } from './use-queues.js';

export function QueuesView(): ReactElement {
  const queues = useQueues();
  const complete = useComplete('queues');
  const nowMs = useNow(5_000);
  const tree = useMemo(() => queueTree(queues), [queues]);
  return (
    <>
      <div className="view-head">
        <h1>Queues</h1>
        <p className="view-sum">{queues.length}</p>
      </div>
      {!complete && <Waiting what="queues" />}
      {complete && queues.length === 0 && (
        <Empty title="No queues: workloads wait in one line">
          Make one: <code>skyctl create queue team-a --quota cpu=40</code>
        </Empty>
      )}
      <ul className="queue-list">
        {tree.map(({ queue, depth }) => (
          <li key={queue.metadata.uid} className="card" style={{ marginLeft: `${depth * 1.5}rem` }}>
            <QueueCard queue={queue} nowMs={nowMs} />
          </li>
        ))}
      </ul>
    </>
  );
}

function QueueCard({ queue: { metadata, spec, status }, nowMs }: { queue: Queue; nowMs: number }): ReactElement {
  const [open, setOpen] = useState(false);
  const uses = quotaUses({ spec, ...(status === undefined ? {} : { status }) });
  return (
    <>
      <h2>{metadata.name}</h2>
      <p className="view-sum">
        weight {spec.weight ?? 1}
        {spec.parent === undefined ? '' : ` · in ${spec.parent}`} · {status?.admitted ?? 0} admitted ·{' '}
        {status?.waiting ?? 0} waiting
        {status?.oldestWaitingSince === undefined ? '' : `, the oldest for ${ageOf(status.oldestWaitingSince, nowMs)}`}
      </p>
      {uses.map((use) => (
        <QuotaMeter key={use.resource} use={use} />
      ))}
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>Waits of the last 24 hours</summary>
        {open && <QueueWaitsTable queue={metadata.name} />}
      </details>
    </>
  );
}
