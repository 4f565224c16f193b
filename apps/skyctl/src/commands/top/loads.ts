/** Who takes how much, from objects as the API has them. Amounts are in base units: millicores, bytes, counts. */
import type { ApiObject, Cluster, Deployment, Job, ResourceList } from '@skyflow/contracts';
import { InvalidQuantityError, clusterWords, podRequests } from '@skyflow/domain';
import type { PodResources } from '@skyflow/domain';

export interface Load {
  /** Cells before the amounts; the first is what it is sorted by under `name`. */
  cells: readonly string[];
  used: ResourceList;
  /** Of how much; absent where there is no such bound. */
  of?: ResourceList;
}

/** core/v1 Pod, as far as it is read here. */
type Pod = ApiObject<PodResources & { nodeName?: string }, { phase?: string }>;

export const clusterLoads = (clusters: readonly Cluster[]): Load[] =>
  clusters.map((cluster) => {
    const { metadata, status } = cluster;
    const nodes = status?.nodes ?? [];
    return {
      cells: [metadata.name, clusterWords(cluster), `${nodes.filter(({ ready }) => ready).length}/${nodes.length}`],
      used: difference(status?.allocatable ?? {}, status?.free ?? {}),
      of: status?.allocatable ?? {},
    };
  });

export const nodeLoads = (clusters: readonly Cluster[]): Load[] =>
  clusters.flatMap((cluster) =>
    (cluster.status?.nodes ?? []).map(({ name, ready, unschedulable, allocatable, free }) => ({
      cells: [
        name,
        cluster.metadata.name,
        (cluster.status?.phase === 'READY' ? (ready ? 'Ready' : 'NotReady') : 'Unknown') +
          (unschedulable === true ? ',SchedulingDisabled' : ''),
      ],
      used: difference(allocatable, free),
      of: allocatable,
    })),
  );

export const workloadLoads = (workloads: readonly (Job | Deployment)[]): Load[] =>
  workloads.map((workload) => {
    const { kind, metadata, spec, status } = workload;
    const shares = status?.clusters ?? [];
    const running = shares.reduce((sum, share) => sum + share.running, 0);
    return {
      cells: [
        `${kind.toLowerCase()}/${metadata.name}`,
        metadata.namespace ?? '',
        shares.map(({ cluster }) => cluster).join(',') || '-',
        `${running}/${status?.replicas ?? spec.replicas}`,
      ],
      used: times(requestsOf(spec.template.spec), takingOf(workload)),
    };
  });

export function namespaceLoads(workloads: readonly (Job | Deployment)[]): Load[] {
  const grouped = Map.groupBy(workloads, ({ metadata }) => metadata.namespace ?? '');
  return [...grouped].map(([namespace, members]) => ({
    cells: [namespace, String(members.length), String(members.reduce((sum, each) => sum + takingOf(each), 0))],
    used: sum(members.map((member) => times(requestsOf(member.spec.template.spec), takingOf(member)))),
  }));
}

const OVER = ['Succeeded', 'Failed'];

/** What has ended takes nothing. */
export const podLoads = (pods: readonly ApiObject[]): Load[] =>
  (pods as readonly Pod[]).map(({ metadata, spec, status }) => ({
    cells: [metadata.name, metadata.namespace ?? '', spec?.nodeName ?? '-', status?.phase ?? 'Unknown'],
    used: OVER.includes(status?.phase ?? '') ? {} : requestsOf(spec),
  }));

/** Replicas that take room: placed and not ended. */
const takingOf = ({ status }: Job | Deployment): number =>
  (status?.clusters ?? []).reduce(
    (sum, { replicas, succeeded, phase }) =>
      sum + (phase === 'COMPLETED' || phase === 'FAILED' ? 0 : Math.max(0, replicas - succeeded)),
    0,
  );

function requestsOf(spec: PodResources | undefined): ResourceList {
  if (spec === undefined) return {};
  try {
    return podRequests(spec);
  } catch (error) {
    // A list is shown even if one object in it has an amount that this version cannot read.
    if (error instanceof InvalidQuantityError) return {};
    throw error;
  }
}

const difference = (of: ResourceList, free: ResourceList): ResourceList =>
  Object.fromEntries(Object.entries(of).map(([name, amount]) => [name, Math.max(0, amount - (free[name] ?? 0))]));

const times = (list: ResourceList, factor: number): ResourceList =>
  Object.fromEntries(Object.entries(list).map(([name, amount]) => [name, amount * factor]));

function sum(lists: readonly ResourceList[]): ResourceList {
  const total: Record<string, number> = {};
  for (const [name, amount] of lists.flatMap((list) => Object.entries(list))) total[name] = (total[name] ?? 0) + amount;
  return total;
}
