/** Where the replicas are: what each cluster was given, what it made of it, and why not, in the cluster's own words. */
import type { ReactElement } from 'react';
import { Link } from 'wouter';
import { useNow } from '../api/hooks.js';
import type { Workload } from '../api/objects.js';
import { ageOf } from '../parts/age.js';
import { Badge } from '../parts/badge.js';
import { Conditions } from '../parts/conditions.js';
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
          <div className="scroll" role="region" aria-label="Replicas by cluster" tabIndex={0}>
            <table>
              <thead>
                <tr>
                  <th scope="col">Cluster</th>
                  <th scope="col">State</th>
                  <th scope="col">Placed</th>
                  <th scope="col">Running</th>
                  <th scope="col">Ready</th>
                  <th scope="col">Succeeded</th>
                  <th scope="col">Failed</th>
                  <th scope="col">Why</th>
                  <th scope="col">Told</th>
                </tr>
              </thead>
              <tbody>
                {clusters.map((share) => (
                  <tr key={share.cluster}>
                    <th scope="row">
                      <Link href={`/clusters/${encodeURIComponent(share.cluster)}`}>{share.cluster}</Link>
                    </th>
                    <td>
                      <Badge word={share.phase} />
                    </td>
                    <td>{share.replicas}</td>
                    <td>{share.running}</td>
                    <td>{share.ready}</td>
                    <td>{share.succeeded}</td>
                    <td>{share.failed}</td>
                    <td>{[share.reason, share.message].filter((each) => each !== undefined).join(': ')}</td>
                    <td>{share.observedAt === undefined ? 'not yet' : `${ageOf(share.observedAt, nowMs)} ago`}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
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
