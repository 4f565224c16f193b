/** All jobs and deployments: search, filter, sort. */
import { type ReactElement, useDeferredValue, useMemo, useRef, useState } from 'react';
import { Link } from 'wouter';
import { useComplete, useNow, useObjects } from '../api/hooks.js';
import type { Workload } from '../api/objects.js';
import { ageOf } from '../parts/age.js';
import { Badge } from '../parts/badge.js';
import { Empty, Waiting } from '../parts/empty.js';
import { type Column, VirtualTable } from '../parts/virtual-table.js';
import { workloadHref } from './workload-link.js';
import {
  type Order,
  type SortColumn,
  chosen,
  namespacesOf,
  ordered,
  phaseOf,
  phasesOf,
  readyOf,
  wantedOf,
} from './workload-rows.js';

export function WorkloadsView(): ReactElement {
  const jobs = useObjects('jobs');
  const deployments = useObjects('deployments');
  const complete = useComplete('jobs', 'deployments');
  const [text, setText] = useState('');
  const [namespace, setNamespace] = useState('');
  const [phase, setPhase] = useState('');
  const [order, setOrder] = useState<Order>({ column: 'age', descending: false });
  const deferred = useDeferredValue(text);
  const all = useMemo<Workload[]>(() => [...jobs, ...deployments], [jobs, deployments]);
  const before = useRef<Workload[]>([]);
  const rows = useMemo(() => {
    const choice = { text: deferred, namespace, phase };
    return (before.current = ordered(chosen(all, choice), order, before.current));
  }, [all, deferred, namespace, phase, order]);
  const namespaces = useMemo(() => namespacesOf(all), [all]);
  const phases = useMemo(() => phasesOf(all), [all]);
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
          {rows.length === all.length ? all.length : `${rows.length} of ${all.length}`}
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
            {[...phases].map(([each, count]) => (
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
      {!complete && <Waiting what="workloads" />}
      {complete && all.length === 0 && (
        <Empty title="No workloads yet">
          Submit one: <code>skyctl create job hello --replicas 2 --run &apos;echo hello; sleep 300&apos;</code>
        </Empty>
      )}
      {all.length > 0 && rows.length === 0 && <Empty title="No workload fits" />}
      {rows.length > 0 && <Table rows={rows} order={order} onSort={sort} />}
    </div>
  );
}

function Table({
  rows,
  order,
  onSort,
}: {
  rows: readonly Workload[];
  order: Order;
  onSort: (key: string) => void;
}): ReactElement {
  const nowMs = useNow(5_000);
  const columns = useMemo<Column<Workload>[]>(
    () => [
      {
        key: 'name',
        title: 'Name',
        width: 'minmax(8rem, 2fr)',
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
        sortable: true,
        cell: (workload) => <Badge word={phaseOf(workload)} />,
      },
      {
        key: 'ready',
        title: 'Ready',
        width: '4.5rem',
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
      rows={rows}
      keyOf={({ metadata }) => metadata.uid}
      sorted={order}
      onSort={onSort}
    />
  );
}

const whyOf = (status: Workload['status']): string =>
  status === undefined || status.phase === 'RUNNING' || status.phase === 'COMPLETED' ? '' : (status.message ?? '');
