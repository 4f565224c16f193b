/** Where the replicas are: what each cluster was given, what it made of it, and why not, in the cluster's own words. */
import type { ReactElement } from 'react';
import { Link } from 'wouter';
import { useNow } from '../api/hooks.js';
import type { Workload } from '../api/objects.js';
import { ageOf } from '../parts/age.js';
import { Badge } from '../parts/badge.js';
import { Conditions } from '../parts/conditions.js';
import { Table } from '../parts/table.js';
import { wantedOf } from './workload-rows.js';

export function SharesTab({ workload }: { workload: Workload }): ReactElement {
  const nowMs = useNow(2_000);
  const { status, spec } = workload;
  const clusters = status?.clusters ?? [];
  const waiting = wantedOf(workload) - (status?.placed ?? 0);
  return (
    <>
      <section className="card">
        <h2>
          {status?.placed ?? 0} of {wantedOf(workload)} replicas placed, {status?.running ?? 0} running
        </h2>
        {clusters.length > 0 && (
          <Table
            label="Replicas by cluster"
            columns={['Cluster', 'State', 'Placed', 'Running', 'Ready', 'Succeeded', 'Failed', 'Why', 'Told']}
            rows={clusters.map((share) => ({
              key: share.cluster,
              cells: [
                <Link key="cluster" href={`/clusters/${encodeURIComponent(share.cluster)}`}>
                  {share.cluster}
                </Link>,
                <Badge key="state" word={share.phase} />,
                share.replicas,
                share.running,
                share.ready,
                share.succeeded,
                share.failed,
                [share.reason, share.message].filter((each) => each !== undefined).join(': '),
                share.observedAt === undefined ? 'not yet' : `${ageOf(share.observedAt, nowMs)} ago`,
              ],
            }))}
          />
        )}
        {waiting > 0 && status?.phase !== 'COMPLETED' && (
          <p>
            <strong>{waiting} waiting</strong>
            {status?.reason === undefined ? '' : ` (${status.reason})`}: {status?.message ?? 'not decided yet'}
          </p>
        )}
        {spec.queue !== undefined && <p>Queue: {spec.queue}</p>}
      </section>
      {status?.rollout !== undefined && (
        <section className="card">
          <h2>Rollout: {status.rollout.state}</h2>
          <p>{status.rollout.message}</p>
          <p>{status.rollout.clusters.map(({ cluster, state }) => `${cluster}: ${state}`).join(', ')}</p>
        </section>
      )}
      <Conditions conditions={status?.conditions ?? []} />
    </>
  );
}
