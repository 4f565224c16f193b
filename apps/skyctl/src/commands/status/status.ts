/** `skyctl status`: member clusters and their sum, workloads by state, and SkyFlow's own services. */
import type { Cluster, Deployment, Job } from '@skyflow/contracts';
import { CliError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import { CLUSTER, DEPLOYMENT, JOB } from '../../gateway/kinds.js';
import { listObjects } from '../../gateway/listing.js';
import { clusterView } from '../../output/cluster-view.js';
import { paintStatus } from '../../output/status-colour.js';
import { renderTable } from '../../output/table.js';
import type { Terminal } from '../../output/terminal.js';
import { tableOf } from '../../output/view.js';
import type { ViewOptions } from '../../output/view.js';
import { superCluster } from './super-cluster.js';

/** What the gateway answers at `/status`. */
interface ServerStatus {
  services?: readonly { name: string; status?: string; ready?: boolean; message?: string }[];
}

export const status: CommandHandler = async (session) => {
  const { terminal } = session;
  const gateway = await session.gateway();
  const [clusters, jobs, deployments, services] = await Promise.all([
    listObjects(gateway, CLUSTER, {}),
    listObjects(gateway, JOB, {}),
    listObjects(gateway, DEPLOYMENT, {}),
    serviceRows(gateway, terminal),
  ]);
  const members = clusters.items.map(({ object }) => object as Cluster);
  const options: ViewOptions = { wide: false, showLabels: false, nowMs: Date.now(), terminal, allNamespaces: true };
  const rows = members.length > 1 ? [...members, superCluster(members)] : members;
  const parts: string[] = [
    members.length === 0
      ? 'No clusters yet: skyctl create cluster --manager k8 CONTEXT'
      : renderTable(
          tableOf(
            clusterView(options),
            rows.map((object) => ({ object })),
            options,
          ),
        ),
    renderTable({
      columns: ['Workloads', 'Total', 'Running', 'Pending', 'Completed', 'Failed', 'Other'],
      rows: [
        ['jobs', ...tally(jobs.items.map(({ object }) => object as Job))],
        ['deployments', ...tally(deployments.items.map(({ object }) => object as Deployment))],
      ],
    }),
  ];
  if (services.length > 0) parts.push(renderTable({ columns: ['Service', 'Status', 'Message'], rows: services }));
  terminal.line(parts.join('\n\n'));
  return EXIT.ok;
};

const COUNTED = ['RUNNING', 'PENDING', 'COMPLETED', 'FAILED'];

function tally(workloads: readonly (Job | Deployment)[]): string[] {
  const phases = workloads.map(({ status: current }) => current?.phase ?? 'PENDING');
  const counts = COUNTED.map((phase) => phases.filter((candidate) => candidate === phase).length);
  const others = phases.length - counts.reduce((sum, count) => sum + count, 0);
  return [phases.length, ...counts, others].map(String);
}

async function serviceRows(gateway: GatewayClient, terminal: Terminal): Promise<string[][]> {
  try {
    const { body } = await gateway.json<ServerStatus>({ path: '/status' });
    return (body.services ?? []).map(({ name, status: state, ready, message = '' }) => [
      name,
      paintStatus(terminal, state ?? (ready === false ? 'UNREACHABLE' : 'READY')),
      message,
    ]);
  } catch (error) {
    // Other servers of the same API need not have this route.
    if (error instanceof CliError && error.code === EXIT.notFound) return [];
    throw error;
  }
}
