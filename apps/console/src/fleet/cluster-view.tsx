/** One cluster: how it is, its nodes, what runs there, and taking it out of use. */
import { type ReactElement, useMemo } from 'react';
import type { Cluster, ClusterNodeStatus } from '@skyflow/contracts';
import { clusterWords } from '@skyflow/domain';
import { Link } from 'wouter';
import { useComplete, useNow, useObject, useObjects } from '../api/hooks.js';
import { ageOf } from '../parts/age.js';
import { amountText, amountsOf } from '../parts/amounts.js';
import { Badge } from '../parts/badge.js';
import { Conditions } from '../parts/conditions.js';
import { Empty, Waiting } from '../parts/empty.js';
import { ResourceMeter } from '../parts/meter.js';
import { Table } from '../parts/table.js';
import { workloadHref } from '../workloads/workload-link.js';
import { ClusterActions } from './cluster-actions.js';
import { providerOf, regionOf } from './fleet-groups.js';

export function ClusterView({ name }: { name: string }): ReactElement {
  const cluster = useObject('clusters', '', name);
  const complete = useComplete('clusters');
  const nowMs = useNow(5_000);
  if (cluster === undefined) {
    return complete ? (
      <Empty title={`There is no cluster “${name}”`}>It may have been deleted.</Empty>
    ) : (
      <Waiting what="the cluster" />
    );
  }
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
            <Fact name="Last word">{heardText(cluster, nowMs)}</Fact>
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
  const jobs = useObjects('jobs');
  const deployments = useObjects('deployments');
  const here = useMemo(
    () =>
      [...jobs, ...deployments].flatMap((workload) => {
        const share = workload.status?.clusters.find((each) => each.cluster === cluster);
        return share === undefined ? [] : [{ workload, share }];
      }),
    [jobs, deployments, cluster],
  );
  return (
    <section className="card">
      <h2>Workloads here ({here.length})</h2>
      {here.length > 0 && (
        <Table
          label="Workloads here"
          columns={['Name', 'Kind', 'Namespace', 'State', 'Ready here']}
          rows={here.slice(0, LISTED).map(({ workload, share }) => ({
            key: workload.metadata.uid,
            cells: [
              <Link key="name" href={workloadHref(workload)}>
                {workload.metadata.name}
              </Link>,
              workload.kind,
              workload.metadata.namespace,
              <Badge key="state" word={share.phase} />,
              `${share.ready}/${share.replicas}`,
            ],
          }))}
        />
      )}
      {here.length > LISTED && <p>and {here.length - LISTED} more</p>}
    </section>
  );
}
