/** How an active cluster differs from what its spec says now. Pure. */
import type { ClusterStep } from '@skyflow/contracts';
import { wantedNodes } from './autoscale.js';
import { machineName, rolesOf, staticMachine, takenHost } from './plan.js';
import { requestedOperation } from './requests.js';
import { type ProvisionedCluster, type ProvisioningState, hostKeyOf } from './state.js';

type Operation = Extract<ClusterStep, { type: 'OperationStarted' | 'OperationFailed' }>;

/** The operation that is due; undefined: none. Versions and machines never change in one step. */
export function changedPlan(state: ProvisioningState, cluster: ProvisionedCluster): Operation | undefined {
  const { spec, plan } = cluster;
  if (plan === undefined) return undefined;
  const resized = spec.cloud === undefined ? resizedHosts(state, cluster) : resizedCloud(cluster);
  if (resized !== undefined) return resized;
  if (spec.kubernetesVersion !== plan.kubernetesVersion) return started('Upgrade', spec.kubernetesVersion, [], []);
  return requestedOperation(cluster);
}

function resizedHosts(state: ProvisioningState, cluster: ProvisionedCluster): Operation | undefined {
  const hosts = cluster.spec.hosts ?? [];
  const planned = cluster.plan?.machines ?? [];
  const wanted = new Set(hosts.map(hostKeyOf));
  const known = new Set(planned.map(({ host }) => host));
  const added = hosts.filter((host) => !known.has(hostKeyOf(host)));
  const removed = planned.filter(({ host }) => host !== undefined && !wanted.has(host));
  if (added.length === 0 && removed.length === 0) return undefined;
  const taken = takenHost(state, cluster, added);
  if (taken !== undefined) return { type: 'OperationFailed', failure: taken.failure };
  const machines = added.map((host, index) => staticMachine(cluster, host, cluster.machineCount + index));
  return started(
    'Scale',
    cluster.plan?.kubernetesVersion,
    machines,
    removed.map(({ name }) => name),
  );
}

/** Workers that have nothing to do go first, then the newest; control planes stay. */
function resizedCloud(cluster: ProvisionedCluster): Operation | undefined {
  const { plan, wanted } = cluster;
  const planned = plan?.machines ?? [];
  const nodes = wantedNodes(cluster);
  const like = planned[0];
  if (nodes === planned.length || like === undefined) return undefined;
  if (nodes < planned.length) {
    const idle = new Set(wanted?.remove);
    const removable = planned
      .filter(({ roles }) => !roles.includes('etcd'))
      .sort((a, b) => Number(idle.has(a.name)) - Number(idle.has(b.name)))
      .slice(nodes - planned.length);
    if (removable.length === 0) return undefined;
    return started(
      'Scale',
      plan?.kubernetesVersion,
      [],
      removable.map(({ name }) => name),
    );
  }
  const servers = planned.filter(({ roles }) => roles.includes('etcd')).length;
  const added = Array.from({ length: nodes - planned.length }, (_, index) => ({
    ...like,
    name: machineName(cluster.ref, cluster.machineCount + index),
    roles: rolesOf(servers + index, cluster.spec.cloud?.autoscale?.minNodes ?? nodes),
  }));
  return started('Scale', plan?.kubernetesVersion, added, []);
}

const started = (
  operation: 'Scale' | 'Upgrade',
  kubernetesVersion: string | undefined,
  add: Extract<ClusterStep, { type: 'OperationStarted' }>['add'],
  remove: string[],
): Operation => ({
  type: 'OperationStarted',
  operation,
  ...(kubernetesVersion === undefined ? {} : { kubernetesVersion }),
  add,
  remove,
});
