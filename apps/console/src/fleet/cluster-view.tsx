/** One cluster: how it is, its nodes, what runs there, and taking it out of use. */
import type { ReactElement } from 'react';
import type { Cluster, ClusterNodeStatus } from '@skyflow/contracts';
import { clusterWords } from '@skyflow/domain';
import { Link } from 'wouter';
import { ApiError } from '../api/api.js';
import { useMoment, useNow, usePolled, useSession } from '../api/hooks.js';
import { clusterPath } from '../api/objects.js';
import { ageOf } from '../parts/age.js';
import { amountText, amountsOf } from '../parts/amounts.js';
import { Badge } from '../parts/badge.js';
import { Conditions } from '../parts/conditions.js';
import { Empty, Waiting } from '../parts/empty.js';
import { ErrorNote } from '../parts/error-note.js';
import { ResourceMeter } from '../parts/meter.js';
import { Table } from '../parts/table.js';
import { errorOf } from '../workloads/desk/workload-line.js';
import { useWorkloadRows } from '../workloads/use-workload-rows.js';
import { workloadHref } from '../workloads/workload-link.js';
import { ClusterActions } from './cluster-actions.js';
import { providerOf, regionOf } from './fleet-groups.js';

/** What is free on each node and when the agent was heard is in no log: no connection tells it. */
const ASKED_EVERY_MS = 1_000;

export function ClusterView({ name }: { name: string }): ReactElement {
  const { api } = useSession();
  const nowMs = useNow(1_000);
  const at = useMoment()?.seq;
  const path = at === undefined ? clusterPath(name) : `${clusterPath(name)}?at=${at}`;
  const { data, error, again } = usePolled(path, at === undefined ? ASKED_EVERY_MS : undefined, (signal) =>
    api.json<Cluster>(path, { signal }),
  );
  if (error instanceof ApiError && error.code === 404)
    return (
      <Empty title={`There is no cluster “${name}”`}>
        {at === undefined ? 'It may have been deleted.' : 'It was not there at that moment.'}
      </Empty>
    );
  // A cluster that was once shown stays, with what is wrong now; the page says itself that its connection is lost.
  if (data === undefined)
    return error === undefined ? <Waiting what="the cluster" /> : <ErrorNote error={error} again={again} />;
  const cluster = data;
  const { metadata, spec, status } = cluster;
  return (
    <>
      <div className="view-head">
        <h1>{name}</h1>
        <Badge
          word={clusterWords(cluster)}
          tone={status?.phase === 'READY' && spec.unschedulable !== true ? 'good' : 'warn'}
        />
        <ClusterActions cluster={cluster} />
      </div>
      {status?.message !== undefined && <p className="lead">{status.message}</p>}
      {status?.drain !== undefined && (
        <p className="note" role="status">
          {status.drain.phase}: {status.drain.workloads} workloads with {status.drain.replicas} replicas are still
          there.
        </p>
      )}
      <div className="columns">
        <section className="card">
          <h2>Capacity</h2>
          {amountsOf(status?.allocatable ?? {}, status?.free ?? {}).map((amount) => (
            <ResourceMeter key={amount.resource} amount={amount} />
          ))}
        </section>
        <section className="card">
          <h2>About</h2>
          <dl className="facts">
            <Fact name="Kubernetes">{status?.kubernetesVersion ?? 'not known yet'}</Fact>
            <Fact name="Provider">{providerOf(cluster) || 'not named'}</Fact>
            <Fact name="Region">{regionOf(cluster) || 'not named'}</Fact>
            <Fact name="Last word">{at === undefined ? heardText(cluster, nowMs) : 'not in SkyFlow’s log'}</Fact>
            <Fact name="Registered">{ageOf(metadata.creationTimestamp, nowMs)} ago</Fact>
            <Fact name="Labels">{labelsText(metadata.labels)}</Fact>
            {spec.taints !== undefined && spec.taints.length > 0 && (
              <Fact name="Taints">
                {spec.taints.map(({ key, value = '', effect }) => `${key}=${value}:${effect}`).join(', ')}
              </Fact>
            )}
          </dl>
        </section>
      </div>
      <Nodes nodes={status?.nodes ?? []} />
      <RunningHere cluster={name} />
      <Conditions conditions={status?.conditions ?? []} />
    </>
  );
}

const heardText = ({ status }: Cluster, nowMs: number): string =>
  status?.lastHeartbeatTime === undefined ? 'never' : `${ageOf(status.lastHeartbeatTime, nowMs)} ago`;

const labelsText = (labels: Record<string, string> = {}): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ') || 'none';

const Fact = ({ name, children }: { name: string; children: string | (string | number)[] }): ReactElement => (
  <>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </>
);

function Nodes({ nodes }: { nodes: readonly ClusterNodeStatus[] }): ReactElement {
  return (
    <section className="card">
      <h2>Nodes ({nodes.length})</h2>
      <Table
        label="Nodes"
        columns={['Name', 'State', 'Zone', 'CPU free', 'Memory free', 'Others free']}
        rows={nodes.map((node) => ({
          key: node.name,
          cells: [
            node.name,
            <Badge
              key="state"
              word={node.ready ? (node.unschedulable === true ? 'Cordoned' : 'Ready') : 'NotReady'}
              tone={node.ready ? (node.unschedulable === true ? 'warn' : 'good') : 'bad'}
            />,
            node.zone ?? '–',
            freeText(node, 'cpu'),
            freeText(node, 'memory'),
            Object.keys(node.allocatable)
              .filter((resource) => resource.includes('/'))
              .map((resource) => `${resource} ${freeText(node, resource)}`)
              .join(', ') || '–',
          ],
        }))}
      />
    </section>
  );
}

const freeText = ({ free, allocatable }: ClusterNodeStatus, resource: string): string =>
  `${amountText(resource, free[resource] ?? 0)} of ${amountText(resource, allocatable[resource] ?? 0)}`;

/** Listed at most; the page of workloads has the others. */
const LISTED = 200;

function RunningHere({ cluster }: { cluster: string }): ReactElement {
  const answer = useWorkloadRows({
    choice: { text: '', namespace: '', phase: '', cluster },
    order: { column: 'name', descending: false },
    from: 0,
    count: LISTED,
  });
  const { total = 0, rows = [], complete = false, problem } = answer ?? {};
  return (
    <section className="card">
      <h2>Workloads here ({complete ? total : `${total} so far`})</h2>
      {problem !== undefined && <ErrorNote error={errorOf(problem)} />}
      {rows.length > 0 && (
        <Table
          label="Workloads here"
          columns={['Name', 'Kind', 'Namespace', 'State', 'Ready here']}
          rows={rows.map((workload) => {
            const share = workload.status?.clusters.find((each) => each.cluster === cluster);
            return {
              key: workload.metadata.uid,
              cells: [
                <Link key="name" href={workloadHref(workload)}>
                  {workload.metadata.name}
                </Link>,
                workload.kind,
                workload.metadata.namespace,
                <Badge key="state" word={share?.phase ?? 'PENDING'} />,
                `${share?.ready ?? 0}/${share?.replicas ?? 0}`,
              ],
            };
          })}
        />
      )}
      {total > LISTED && <p>and {total - LISTED} more</p>}
    </section>
  );
}
