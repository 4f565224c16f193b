/** Workloads with replicas that have no place, by the reason why. */
import { type ReactElement, useMemo } from 'react';
import { Link } from 'wouter';
import type { Workload } from '../api/objects.js';
import { workloadHref } from '../workloads/workload-link.js';
import { waitingReasons } from './fleet-groups.js';

/** Named of each reason; the others are counted. */
const NAMED = 8;

export function WaitingList({ workloads }: { workloads: readonly Workload[] }): ReactElement | null {
  const reasons = useMemo(() => waitingReasons(workloads), [workloads]);
  if (reasons.length === 0) return null;
  const total = reasons.reduce((sum, { workloads: { length } }) => sum + length, 0);
  return (
    <section className="card waiting-list">
      <h2>
        {total} {total === 1 ? 'workload waits' : 'workloads wait'}
      </h2>
      {reasons.map(({ reason, message, workloads: waiting }) => (
        <div key={reason}>
          <p>
            <strong>{reason}</strong> ({waiting.length}): <span className="quote">{message}</span>
          </p>
          <p className="names">
            {waiting.slice(0, NAMED).map((workload) => (
              <Link key={workload.metadata.uid} href={workloadHref(workload)}>
                {workload.metadata.name}
              </Link>
            ))}
            {waiting.length > NAMED && <span>and {waiting.length - NAMED} more</span>}
          </p>
        </div>
      ))}
    </section>
  );
}
