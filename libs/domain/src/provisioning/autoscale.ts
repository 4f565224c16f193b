/**
 * How many machines a cluster of rented ones is to have: more when work waits that they would admit, fewer when some have had nothing to do
 * for long. Pure: what more machines would admit, and which nodes are idle, is passed in. Names and times are those of Kubernetes'
 * cluster-autoscaler where it has them.
 */
import type { ClusterStep } from '@skyflow/contracts';
import type { ProvisionedCluster } from './state.js';

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
  plan.machines.length === wantedNodes({ spec, wanted }) &&
  plan.machines.every(({ name }) => machines.get(name)?.phase === 'Prepared');

/** Machines that the cluster is to have now. */
export function wantedNodes({
  spec,
  wanted,
}: Pick<ProvisionedCluster, 'spec'> & { wanted: { nodes: number } | undefined }): number {
  const { nodes = 0, autoscale } = spec.cloud ?? {};
  if (autoscale === undefined) return nodes;
  return Math.min(autoscale.maxNodes, Math.max(autoscale.minNodes, wanted?.nodes ?? nodes));
}

/** Machines that may be added: by number and by price. */
export function mostAdded({ spec, plan }: ProvisionedCluster): number {
  const { autoscale } = spec.cloud ?? {};
  const machines = plan?.machines ?? [];
  if (autoscale === undefined) return 0;
  const byNumber = autoscale.maxNodes - machines.length;
  const hourly = machines[0]?.offer?.hourly ?? 0;
  if (autoscale.maxHourly === undefined || hourly <= 0) return Math.max(0, byNumber);
  const paid = machines.reduce((sum, { offer }) => sum + (offer?.hourly ?? 0), 0);
  // Cents that do not add up must not cost a machine.
  const byPrice = Math.floor((autoscale.maxHourly - paid) / hourly + 1e-9);
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

/** Undefined: nobody has been idle for long enough, or the least number would not be kept. */
export function shrunk(
  { spec, plan, wanted, active }: ProvisionedCluster,
  idle: readonly IdleMachine[],
  nowMs: number,
): NodesWanted | undefined {
  const { autoscale } = spec.cloud ?? {};
  if (autoscale === undefined || plan === undefined) return undefined;
  const afterMs = (autoscale.scaleDownAfterSeconds ?? DEFAULT_SCALE_DOWN_AFTER_SECONDS) * 1_000;
  const changedMs = Math.max(wanted?.atMs ?? 0, active?.atMs ?? 0);
  if (nowMs < changedMs + afterMs) return undefined;
  const workers = new Set(plan.machines.filter(({ roles }) => !roles.includes('etcd')).map(({ name }) => name));
  const remove = idle
    .filter(({ machine, sinceMs }) => workers.has(machine) && nowMs >= sinceMs + afterMs)
    .map(({ machine }) => machine)
    .slice(0, Math.max(0, plan.machines.length - autoscale.minNodes));
  if (remove.length === 0) return undefined;
  const reason = `nothing has run on ${remove.join(', ')} for ${String(afterMs / 1_000)} s`;
  return { type: 'NodesWanted', nodes: plan.machines.length - remove.length, remove, reason };
}
