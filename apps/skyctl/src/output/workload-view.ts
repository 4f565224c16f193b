/**
 * Jobs and deployments in the seed's manner: a row for each cluster that has a share, and a row without a cluster for the
 * replicas that wait, with the reason why they do.
 */
import type { Deployment, Job, WorkloadClusterStatus, WorkloadStatus } from '@skyflow/contracts';
import { ageOf } from './age.js';
import { requestLine } from './resources.js';
import { paintStatus } from './status-colour.js';
import type { View, ViewOptions } from './view.js';

/** Stands where a row has no cluster. */
const NO_CLUSTER = '-';

export function workloadView({ nowMs, terminal }: ViewOptions): View {
  return {
    columns: [
      { title: 'Name' },
      { title: 'Cluster' },
      { title: 'Replicas' },
      { title: 'Resources' },
      { title: 'Namespace' },
      { title: 'Status' },
      { title: 'Age', shown: 'wide' },
      { title: 'Reason', shown: 'filled' },
      { title: 'Message', shown: 'filled' },
    ],
    rows: ({ object }) => {
      const workload = object as Job | Deployment;
      const { metadata } = workload;
      const resources = requestLine(workload.spec.template);
      return sharesOf(workload).map(({ cluster, replicas, status, reason, message }) => [
        metadata.name,
        cluster,
        replicas,
        resources,
        metadata.namespace ?? '',
        paintStatus(terminal, status),
        ageOf(metadata.creationTimestamp, nowMs),
        reason,
        message,
      ]);
    },
  };
}

export interface Share {
  cluster: string;
  /** `running+completed/all`, as in the seed. */
  replicas: string;
  status: string;
  /** One word, and the same in a sentence. Empty when there is nothing to explain. */
  reason: string;
  message: string;
  /** When its agent last told of it; empty: never. */
  observedAt: string;
}

/** The rows of a workload. Always at least one. */
export function sharesOf({ spec, status, metadata }: Job | Deployment): Share[] {
  const deleting = metadata.deletionTimestamp !== undefined;
  const shares = (status?.clusters ?? []).map((share) => ({
    cluster: share.cluster,
    replicas: `${doneOf(share)}/${share.replicas}`,
    status: deleting ? 'DELETING' : share.phase,
    observedAt: share.observedAt ?? '',
    ...(deleting ? NOTHING_TO_EXPLAIN : explanation(share)),
  }));
  const waiting = (status?.replicas ?? spec.replicas) - (status?.placed ?? 0);
  if (shares.length > 0 && (waiting <= 0 || deleting)) return shares;
  const phase = shares.length > 0 ? 'PENDING' : (status?.phase ?? 'PENDING');
  const wait = {
    cluster: NO_CLUSTER,
    replicas: `0/${Math.max(waiting, 0)}`,
    status: deleting ? 'DELETING' : phase,
    observedAt: '',
    ...(deleting ? NOTHING_TO_EXPLAIN : status === undefined ? NOT_SEEN : waitExplanation(status)),
  };
  return [...shares, wait];
}

/** Pods of a batch job may succeed more often than it has replicas. */
const doneOf = ({ running, succeeded, replicas }: WorkloadClusterStatus): number =>
  Math.min(running + succeeded, replicas);

type Explanation = Pick<Share, 'reason' | 'message'>;
const NOTHING_TO_EXPLAIN: Explanation = { reason: '', message: '' };
const NOT_SEEN: Explanation = { reason: 'Queued', message: 'the scheduler has not seen it yet' };

/** Of replicas that wait while others of the workload run: the workload as a whole runs, its condition says why not all of it does. */
function waitExplanation(status: WorkloadStatus): Explanation {
  const own = explanation(status);
  if (own.reason !== '' || own.message !== '') return own;
  const scheduled = status.conditions.find(({ type, status: is }) => type === 'Scheduled' && is === 'False');
  return scheduled === undefined ? own : explanation({ phase: 'PENDING', ...scheduled });
}

/** Running and finished shares need none. */
function explanation({
  phase,
  reason = '',
  message = '',
}: Pick<WorkloadStatus, 'phase' | 'reason' | 'message'>): Explanation {
  if (phase === 'RUNNING' || phase === 'COMPLETED') return NOTHING_TO_EXPLAIN;
  return { reason, message: message.replaceAll(/\s*\n\s*/g, '; ') };
}
