/** A job or deployment for people: where its replicas are, what they say, and its pods if their clusters answer. */
import type { Deployment, Job } from '@skyflow/contracts';
import { CliError } from '../../cli/cli-error.js';
import type { ResourceKind } from '../../gateway/kinds.js';
import { ageOf } from '../../output/age.js';
import { toYaml } from '../../output/documents.js';
import { requestLine } from '../../output/resources.js';
import { paintStatus } from '../../output/status-colour.js';
import { renderTable } from '../../output/table.js';
import { sharesOf } from '../../output/workload-view.js';
import type { Session } from '../../session.js';
import { conditionsSection, fields, indent, section } from './describe-object.js';
import { podRows } from './pods.js';

export async function describeWorkload(
  session: Session,
  kind: ResourceKind,
  workload: Job | Deployment,
): Promise<string[]> {
  const { spec, status, metadata } = workload;
  const { template, ...rest } = spec;
  const nowMs = Date.now();
  const phase = metadata.deletionTimestamp === undefined ? (status?.phase ?? 'PENDING') : 'DELETING';
  const why = [status?.reason, status?.message].filter(Boolean).join(': ');
  const shares = sharesOf(workload).map(({ cluster, replicas, status: share, observedAt, reason, message }) => [
    cluster,
    replicas,
    paintStatus(session.terminal, share),
    observedAt === '' ? '-' : `${ageOf(observedAt, nowMs)} ago`,
    reason,
    message,
  ]);
  return [
    fields([
      ['Status', paintStatus(session.terminal, phase)],
      ...(why === '' ? [] : ([['Reason', why]] as const)),
      ['Replicas', counts(workload)],
      ['Per replica', requestLine(template)],
    ]),
    ...section(
      'Clusters',
      renderTable({ columns: ['Cluster', 'Replicas', 'Status', 'Reported', 'Reason', 'Message'], rows: shares }),
    ),
    ...(await podsSection(session, kind, workload)),
    ...conditionsSection(status?.conditions, nowMs),
    '',
    'Spec:',
    indent((await toYaml({ ...rest, template })).trimEnd()),
  ];
}

function counts({ spec, status }: Job | Deployment): string {
  if (status === undefined) return `${spec.replicas} wanted`;
  const { placed, running, ready, succeeded, failed } = status;
  return `${status.replicas} wanted, ${placed} placed, ${running} running, ${ready} ready, ${succeeded} succeeded, ${failed} failed`;
}

async function podsSection(session: Session, kind: ResourceKind, workload: Job | Deployment): Promise<string[]> {
  // Pods are asked of their clusters, which know only what is.
  if (session.flags.has('at')) return [];
  try {
    const rows = await podRows(await session.gateway(), kind, workload.metadata);
    return rows.length === 0
      ? []
      : section('Pods', renderTable({ columns: ['Pod', 'Cluster', 'Node', 'Status', 'Restarts', 'Age'], rows }));
  } catch (error) {
    // The description is worth having without its pods.
    if (error instanceof CliError) return section('Pods', `not known: ${error.message}`);
    throw error;
  }
}
