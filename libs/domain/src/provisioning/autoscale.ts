/**
 * How many machines a cluster of rented ones is to have: more when work waits that they would admit, fewer when some have had nothing to do
 * for long. Pure: what more machines would admit, and which nodes are idle, is passed in. Names and times are those of Kubernetes'
 * cluster-autoscaler where it has them.
 */
import type { ClusterStep } from '@skyflow/contracts';
import type { ProvisionPlan, ProvisionedCluster } from './state.js';

type NodesWanted = Extract<ClusterStep, { type: 'NodesWanted' }>;

/** cluster-autoscaler's --scale-down-unneeded-time. */
export const DEFAULT_SCALE_DOWN_AFTER_SECONDS = 600;

/** A machine on whose node nothing runs but what runs on every node. */
export interface IdleMachine {
  machine: string;
  /** ms since the epoch. */
  sinceMs: number;
}

/** Whether anything may be decided now: a cluster that is being changed, or waits for room, is left alone. */
export const isScalable = ({ phase, spec, deletion, shortage, plan, machines, wanted }: ProvisionedCluster): boolean =>
  phase === 'Active' &&
  spec.cloud?.autoscale !== undefined &&
  spec.paused !== true &&
  deletion === undefined &&
  shortage === undefined &&
  plan !== undefined &&
  plan.machines.length === Math.max(serversOf(plan), wantedNodes({ spec, wanted })) &&
  plan.machines.every(({ name }) => machines.get(name)?.phase === 'Prepared');

/** Machines that stay as long as the cluster does. */
const serversOf = ({ machines }: ProvisionPlan): number =>
  machines.filter(({ roles }) => roles.includes('etcd')).length;

/** The whole of it is built when it is wanted, and stopped when it is not. */
export const isOnDemand = ({ spec }: Pick<ProvisionedCluster, 'spec'>): boolean =>
  spec.cloud?.autoscale?.minNodes === 0;

/** Machines that the cluster is to have now. */
export function wantedNodes({
  spec,
  wanted,
}: Pick<ProvisionedCluster, 'spec'> & { wanted: { nodes: number } | undefined }): number {
  const { nodes = 0, autoscale } = spec.cloud ?? {};
  if (autoscale === undefined) return nodes;
  return Math.min(autoscale.maxNodes, Math.max(autoscale.minNodes, wanted?.nodes ?? nodes));
}

/** Machines that a cluster is planned with: what it is to have, of a cluster on demand no more than may be paid. */
export function affordableNodes(cluster: ProvisionedCluster, hourly: number): number {
  const { spec, wanted } = cluster;
  if (!isOnDemand(cluster)) return wantedNodes({ spec, wanted: undefined });
  const nodes = wantedNodes({ spec, wanted });
  const { maxHourly } = spec.cloud?.autoscale ?? {};
  return maxHourly === undefined || hourly <= 0 ? nodes : Math.min(nodes, Math.floor(maxHourly / hourly + CENTS));
}

/** Cents that do not add up must not cost a machine. */
const CENTS = 1e-9;

/** Machines that may be added: by number and by price. */
export function mostAdded({ spec, plan }: ProvisionedCluster): number {
  const { autoscale } = spec.cloud ?? {};
  const machines = plan?.machines ?? [];
  if (autoscale === undefined) return 0;
  const byNumber = autoscale.maxNodes - machines.length;
  const hourly = machines[0]?.offer?.hourly ?? 0;
  if (autoscale.maxHourly === undefined || hourly <= 0) return Math.max(0, byNumber);
  const paid = machines.reduce((sum, { offer }) => sum + (offer?.hourly ?? 0), 0);
  const byPrice = Math.floor((autoscale.maxHourly - paid) / hourly + CENTS);
  return Math.max(0, Math.min(byNumber, byPrice));
}

/**
 * The fewest machines that admit as much as the most would.
 * @param gain replicas that so many more machines would admit; does not fall with their number.
 */
export async function fewestFor(most: number, gain: (count: number) => Promise<number>): Promise<number> {
  const all = most > 0 ? await gain(most) : 0;
  if (all === 0) return 0;
  let [low, high] = [1, most];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((await gain(middle)) >= all) high = middle;
    else low = middle + 1;
  }
  return low;
}

export function grown({ plan }: ProvisionedCluster, count: number, replicas: number): NodesWanted {
  const nodes = (plan?.machines.length ?? 0) + count;
  const waiting = replicas === 1 ? '1 replica waits' : `${String(replicas)} replicas wait`;
  return { type: 'NodesWanted', nodes, remove: [], reason: `${waiting} for room that they would have` };
}

/** For how long nothing must have run before anything goes, ms. */
export const idleMs = ({ spec }: Pick<ProvisionedCluster, 'spec'>): number =>
  (spec.cloud?.autoscale?.scaleDownAfterSeconds ?? DEFAULT_SCALE_DOWN_AFTER_SECONDS) * 1_000;

/** Since when nothing about its machines has changed: what has just come is given its time. */
export const changedMs = ({ wanted, active }: Pick<ProvisionedCluster, 'wanted' | 'active'>): number =>
  Math.max(wanted?.atMs ?? 0, active?.atMs ?? 0);

/** Undefined: nobody has been idle for long enough, or the least number would not be kept. */
export function shrunk(
  cluster: ProvisionedCluster,
  idle: readonly IdleMachine[],
  nowMs: number,
): NodesWanted | undefined {
  const { spec, plan } = cluster;
  const { autoscale } = spec.cloud ?? {};
  if (autoscale === undefined || plan === undefined) return undefined;
  const afterMs = idleMs(cluster);
  if (nowMs < changedMs(cluster) + afterMs) return undefined;
  const workers = new Set(plan.machines.filter(({ roles }) => !roles.includes('etcd')).map(({ name }) => name));
  const remove = idle
    .filter(({ machine, sinceMs }) => workers.has(machine) && nowMs >= sinceMs + afterMs)
    .map(({ machine }) => machine)
    .slice(0, Math.max(0, plan.machines.length - autoscale.minNodes));
  if (remove.length === 0) return undefined;
  const reason = `nothing has run on ${remove.join(', ')} for ${String(afterMs / 1_000)} s`;
  return { type: 'NodesWanted', nodes: plan.machines.length - remove.length, remove, reason };
}
