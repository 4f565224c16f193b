/** The super-cluster at a glance: member clusters and their sum, workloads by state, what needs attention, SkyFlow's own services. */
import type { Cluster, Deployment, Job } from '@skyflow/contracts';
import { ageOf } from '../../output/age.js';
import { clusterView } from '../../output/cluster-view.js';
import { paintStatus } from '../../output/status-colour.js';
import { renderTable } from '../../output/table.js';
import type { Terminal } from '../../output/terminal.js';
import { tableOf } from '../../output/view.js';
import type { ViewOptions } from '../../output/view.js';
import { sharesOf } from '../../output/workload-view.js';
import { superCluster } from './super-cluster.js';

export interface ServiceState {
  name: string;
  status?: string;
  ready?: boolean;
  message?: string;
}

export interface StatusView {
  clusters: readonly Cluster[];
  jobs: readonly Job[];
  deployments: readonly Deployment[];
  services: readonly ServiceState[];
  /** Why what is shown may be old. */
  lost?: string;
  nowMs: number;
  terminal: Terminal;
}

export function statusFrame(view: StatusView): string {
  const { jobs, deployments, lost, terminal } = view;
  const parts = [
    clusterPart(view),
    renderTable({
      columns: ['Workloads', 'Total', 'Running', 'Pending', 'Completed', 'Failed', 'Other'],
      rows: [
        ['jobs', ...tally(jobs)],
        ['deployments', ...tally(deployments)],
      ],
    }),
    attentionPart(view),
    servicePart(view),
  ];
  if (lost !== undefined) parts.unshift(terminal.paint('red', `not up to date: ${lost}`));
  return parts.filter((part) => part !== '').join('\n\n');
}

function clusterPart({ clusters, nowMs, terminal }: StatusView): string {
  if (clusters.length === 0) return 'No clusters yet: skyctl create cluster --manager k8 CONTEXT';
  const options: ViewOptions = { wide: false, showLabels: false, nowMs, terminal, allNamespaces: true };
  const rows = clusters.length > 1 ? [...clusters, superCluster(clusters)] : clusters;
  return renderTable(
    tableOf(
      clusterView(options),
      rows.map((object) => ({ object })),
      options,
    ),
  );
}

const COUNTED = ['RUNNING', 'PENDING', 'COMPLETED', 'FAILED'];

function tally(workloads: readonly (Job | Deployment)[]): string[] {
  const phases = workloads.map(({ status }) => status?.phase ?? 'PENDING');
  const counts = COUNTED.map((phase) => phases.filter((candidate) => candidate === phase).length);
  const others = phases.length - counts.reduce((sum, count) => sum + count, 0);
  return [phases.length, ...counts, others].map(String);
}

/** Most rows of it: it is a glance. */
const NAMED = 8;
const WELL = ['RUNNING', 'COMPLETED', 'DELETING'];

/** Replicas that wait, failed or cannot be seen, the oldest first. */
function attentionPart({ jobs, deployments, nowMs, terminal }: StatusView): string {
  const workloads = [...jobs, ...deployments].sort((a, b) =>
    a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1,
  );
  const rows = workloads.flatMap((workload) =>
    sharesOf(workload)
      .filter(({ status }) => !WELL.includes(status))
      .map(({ cluster, replicas, status, reason, message }) => [
        `${workload.kind.toLowerCase()}/${workload.metadata.name}`,
        workload.metadata.namespace ?? '',
        cluster,
        replicas,
        paintStatus(terminal, status),
        ageOf(workload.metadata.creationTimestamp, nowMs),
        [reason, message].filter(Boolean).join(': '),
      ]),
  );
  if (rows.length === 0) return '';
  const columns = ['Needs attention', 'Namespace', 'Cluster', 'Replicas', 'Status', 'Age', 'Why'];
  const more = rows.length > NAMED ? `\nand ${rows.length - NAMED} more` : '';
  return renderTable({ columns, rows: rows.slice(0, NAMED) }) + more;
}

function servicePart({ services, terminal }: StatusView): string {
  if (services.length === 0) return '';
  const rows = services.map(({ name, status, ready, message = '' }) => [
    name,
    paintStatus(terminal, status ?? (ready === false ? 'UNREACHABLE' : 'READY')),
    message,
  ]);
  return renderTable({ columns: ['Service', 'Status', 'Message'], rows });
}
