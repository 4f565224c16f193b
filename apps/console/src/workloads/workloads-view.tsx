/** All jobs and deployments: search, filter, sort. */
import { type ReactElement, useCallback, useDeferredValue, useMemo, useState } from 'react';
import { Link } from 'wouter';
import { useNow } from '../api/hooks.js';
import type { Workload } from '../api/objects.js';
import { ageOf } from '../parts/age.js';
import { Badge } from '../parts/badge.js';
import { Empty, Waiting } from '../parts/empty.js';
import { ErrorNote } from '../parts/error-note.js';
import { type Column, VirtualTable } from '../parts/virtual-table.js';
import { workloadHref } from './workload-link.js';
import type { Answer } from './desk/messages.js';
import { errorOf } from './desk/workload-line.js';
import { useWorkloadRows } from './use-workload-rows.js';
import { type Order, type SortColumn, phaseOf, readyOf, wantedOf } from './workload-rows.js';

/** Rows are asked for in pages of so many. */
const PAGE = 50;
const WINDOW = 2 * PAGE;

export function WorkloadsView(): ReactElement {
  const [text, setText] = useState('');
  const [namespace, setNamespace] = useState('');
  const [phase, setPhase] = useState('');
  const [order, setOrder] = useState<Order>({ column: 'age', descending: false });
  const deferred = useDeferredValue(text);
  const [range, setRange] = useState({ from: 0, count: WINDOW });
  const choice = { text: deferred, namespace, phase };
  const answer = useWorkloadRows({ choice, order, ...range });
  const of = JSON.stringify([choice, order]);
  const { total = 0, all = 0, namespaces = [], phases = [], complete = false, problem } = answer ?? {};
  const inSight = useCallback((from: number, to: number): void => {
    // Asked for in pages, so that scrolling by a row asks nothing.
    const first = Math.max(0, Math.floor(from / PAGE) * PAGE - PAGE);
    const count = Math.ceil((to - first) / PAGE) * PAGE + PAGE;
    setRange((old) => (old.from === first && old.count === count ? old : { from: first, count }));
  }, []);
  const sort = (key: string): void =>
    setOrder(({ column, descending }) => ({
      column: key as SortColumn,
      descending: column === key ? !descending : false,
    }));
  return (
    <div className="fill">
      <div className="view-head">
        <h1>Workloads</h1>
        <p className="view-sum" role="status">
          {total === all ? all : `${total} of ${all}`}
        </p>
        <label>
          <span className="sr">Namespace</span>
          <select value={namespace} onChange={(event) => setNamespace(event.target.value)}>
            <option value="">All namespaces</option>
            {namespaces.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <label>
          <span className="sr">State</span>
          <select value={phase} onChange={(event) => setPhase(event.target.value)}>
            <option value="">All states</option>
            {phases.map(([each, count]) => (
              <option key={each} value={each}>
                {each} ({count})
              </option>
            ))}
          </select>
        </label>
        <label className="search">
          <span className="sr">Search workloads by name, namespace or label</span>
          <input
            type="search"
            placeholder="name, label=value"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </label>
      </div>
      {problem !== undefined && <ErrorNote error={errorOf(problem)} />}
      {!complete && problem === undefined && <Waiting what="workloads" />}
      {complete && all === 0 && (
        <Empty title="No workloads yet">
          Submit one: <code>skyctl create job hello --replicas 2 --run &apos;echo hello; sleep 300&apos;</code>
        </Empty>
      )}
      {all > 0 && total === 0 && <Empty title="No workload fits" />}
      {answer !== undefined && total > 0 && (
        <Table answer={answer} of={of} order={order} onSort={sort} onRange={inSight} />
      )}
    </div>
  );
}

function Table({
  answer: { total, from, rows },
  of,
  order,
  onSort,
  onRange,
}: {
  answer: Answer;
  of: string;
  order: Order;
  onSort: (key: string) => void;
  onRange: (from: number, to: number) => void;
}): ReactElement {
  const nowMs = useNow(5_000);
  const columns = useMemo<Column<Workload>[]>(
    () => [
      {
        key: 'name',
        title: 'Name',
        width: 'minmax(8rem, 2fr)',
        narrow: 'minmax(4rem, 1fr)',
        sortable: true,
        cell: (workload) => (
          <Link href={workloadHref(workload)} title={workload.metadata.name}>
            {workload.metadata.name}
          </Link>
        ),
      },
      {
        key: 'phase',
        title: 'State',
        width: '8rem',
        narrow: '7rem',
        sortable: true,
        cell: (workload) => <Badge word={phaseOf(workload)} />,
      },
      {
        key: 'ready',
        title: 'Ready',
        width: '4.5rem',
        narrow: '3.2rem',
        sortable: true,
        cell: (workload) => `${readyOf(workload)}/${wantedOf(workload)}`,
      },
      {
        key: 'clusters',
        title: 'Clusters',
        width: 'minmax(8rem, 2fr)',
        wideOnly: true,
        cell: ({ status }) =>
          status?.clusters.map(({ cluster, replicas }) => `${cluster}: ${replicas}`).join(', ') || '–',
      },
      {
        key: 'why',
        title: 'Why',
        width: 'minmax(8rem, 2fr)',
        wideOnly: true,
        cell: ({ status }) => <span title={status?.message}>{whyOf(status)}</span>,
      },
      { key: 'kind', title: 'Kind', width: '7rem', sortable: true, wideOnly: true, cell: ({ kind }) => kind },
      {
        key: 'namespace',
        title: 'Namespace',
        width: '8rem',
        sortable: true,
        wideOnly: true,
        cell: ({ metadata }) => metadata.namespace,
      },
      {
        key: 'age',
        title: 'Age',
        width: '5rem',
        narrow: '3.2rem',
        sortable: true,
        cell: ({ metadata }) => ageOf(metadata.creationTimestamp, nowMs),
      },
    ],
    [nowMs],
  );
  return (
    <VirtualTable
      label="Workloads"
      columns={columns}
      count={total}
      rowAt={(index) => rows[index - from]}
      onRange={onRange}
      of={of}
      keyOf={({ metadata }) => metadata.uid}
      sorted={order}
      onSort={onSort}
    />
  );
}

const whyOf = (status: Workload['status']): string =>
  status === undefined || status.phase === 'RUNNING' || status.phase === 'COMPLETED' ? '' : (status.message ?? '');
