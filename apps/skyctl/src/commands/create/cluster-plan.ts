/** `skyctl create cluster NAME --provision … --dry-run`: the offers, best first, and the plan. Nothing is made. */
import type { Cluster, ClusterPlan, ProvisionCloud } from '@skyflow/contracts';
import { EXIT, type ExitCode } from '../../cli/exit-codes.js';
import { CLUSTER } from '../../gateway/kinds.js';
import { renderTable } from '../../output/table.js';
import type { Session } from '../../session.js';
import { post, type NewObject } from './submit.js';

const PLANS = '/apis/skyflow.io/v1/clusterplans';
/** Of those that were looked at. */
const MOST_OFFERS = 15;

export async function showPlan(session: Session, cluster: NewObject & Pick<Cluster, 'spec'>): Promise<ExitCode> {
  // As when it is created: what the server refuses is said here.
  await post(session, CLUSTER, cluster, true);
  const gateway = await session.gateway();
  const { body } = await gateway.json<{ status: ClusterPlan }>({
    method: 'POST',
    path: PLANS,
    body: { spec: { name: cluster.metadata.name, provision: cluster.spec.provision } },
  });
  for (const line of planLines(body.status)) session.terminal.line(line);
  for (const line of demandLines(cluster.spec.provision?.cloud)) session.terminal.line(line);
  session.terminal.line('Nothing was made (dry run).');
  return EXIT.ok;
}

function planLines(plan: ClusterPlan): string[] {
  const { offers, leftOut = [], machines, driver, kubernetesVersion, podCidr, serviceCidr, hourly } = plan;
  const price = offers.length === 0 ? '' : `, ${hourly.toFixed(4)} $ per hour`;
  return [
    ...(offers.length === 0 ? [] : [offerTable(plan), '']),
    ...leftOut.map(({ provider, message, advice }) => `Offers of ${provider} are left out: ${message}; ${advice}.`),
    ...(leftOut.length === 0 ? [] : ['']),
    renderTable({
      columns: ['Machine', 'Of', 'Where', 'Roles'],
      rows: machines.map(({ name, driver: of, host, region, zone, type, roles }) => [
        name,
        type === undefined ? of : `${of} ${type}`,
        host ?? zone ?? region ?? '-',
        roles.join(','),
      ]),
    }),
    '',
    `Kubernetes ${kubernetesVersion ?? 'of its default version'}, built by ${driver}; pods ${podCidr}, services ${serviceCidr}${price}`,
  ];
}

const IDLE_SECONDS = 600;

/** What is there when, of one that is built on demand. */
function demandLines(cloud: ProvisionCloud | undefined): string[] {
  const { minNodes, maxHourly, scaleDownAfterSeconds = IDLE_SECONDS } = cloud?.autoscale ?? {};
  if (minNodes !== 0) return [];
  const price = maxHourly === undefined ? '' : `, never for more than ${String(maxHourly)} per hour`;
  const first =
    cloud?.nodes === 0
      ? `On demand: nothing is built until work waits that it would admit; above is the most that there can be${price}.`
      : `On demand: built now, and again whenever work waits that it would admit${price}.`;
  return [first, `It is stopped when nothing has run on it for ${String(scaleDownAfterSeconds)} s.`];
}

function offerTable({ offers, machines }: ClusterPlan): string {
  const shown = offers.slice(0, MOST_OFFERS);
  const rest = offers.length - shown.length;
  const table = renderTable({
    columns: ['Offer', 'Zone', 'CPUs', 'Memory', 'Accelerators', '$/h each', '$/h all', 'Verdict'],
    rows: shown.map(({ provider, type, region, zone, cpus, memoryGiB, accelerators, hourly, refused }, index) => [
      `${provider} ${type}`,
      zone ?? region,
      String(cpus),
      `${String(memoryGiB)} GiB`,
      accelerators ?? '-',
      hourly === 0 ? '?' : hourly.toFixed(4),
      hourly === 0 ? '?' : (hourly * machines.length).toFixed(4),
      refused ?? (index === 0 ? 'taken' : ''),
    ]),
  });
  return rest > 0 ? `${table}\n… and ${String(rest)} more` : table;
}
