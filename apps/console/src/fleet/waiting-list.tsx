/** How many workloads have replicas without a place, by the reason why; as the API counts them, now or at the moment that is shown. */
import type { ReactElement } from 'react';
import { Link } from 'wouter';
import { useMay, useMoment, usePolled, useSession } from '../api/hooks.js';
import { type WorkloadPlural, pluralOf } from '../api/objects.js';
import { ErrorNote } from '../parts/error-note.js';

const ASKED_EVERY_MS = 700;

interface WaitingWorkloads {
  workloads: number;
  reasons: {
    reason: string;
    message: string;
    workloads: number;
    examples: { kind: string; namespace: string; name: string }[];
  }[];
}

export function WaitingList(): ReactElement | null {
  const { api } = useSession();
  const about = (resource: WorkloadPlural) => ({ verb: 'list', resource });
  const mayJobs = useMay(about('jobs'));
  const mayDeployments = useMay(about('deployments'));
  const moment = useMoment();
  const ask = mayJobs || mayDeployments;
  const path = moment === undefined ? '/waitingworkloads' : `/waitingworkloads?at=${moment.seq}`;
  const { data, error, again } = usePolled<WaitingWorkloads | undefined>(
    ask ? path : 'not asked',
    ask && moment === undefined ? ASKED_EVERY_MS : undefined,
    async (signal) => (ask ? api.json<WaitingWorkloads>(path, { signal }) : undefined),
  );
  if (error !== undefined) return <ErrorNote error={error} again={again} />;
  if (data === undefined || data.workloads === 0) return null;
  return (
    <section className="card waiting-list">
      <h2>
        {data.workloads} {data.workloads === 1 ? 'workload waits' : 'workloads wait'}
      </h2>
      {data.reasons.map(({ reason, message, workloads, examples }) => (
        <div key={reason}>
          <p>
            <strong>{reason}</strong> ({workloads}): <span className="quote">{message}</span>
          </p>
          <p className="names">
            {examples.map(({ kind, namespace, name }) => (
              <Link
                key={`${kind}/${namespace}/${name}`}
                href={`/workloads/${encodeURIComponent(namespace)}/${pluralOf(kind)}/${encodeURIComponent(name)}`}
              >
                {name}
              </Link>
            ))}
            {workloads > examples.length && <span>and {workloads - examples.length} more</span>}
          </p>
        </div>
      ))}
    </section>
  );
}
