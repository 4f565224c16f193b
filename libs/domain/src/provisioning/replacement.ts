/** Rented machines that are gone are replaced by machines like them. Pure. */
import type { ClusterStep } from '@skyflow/contracts';
import { type RegionList } from './orphans.js';
import { machineName } from './plan.js';
import type { ProvisionMachine, ProvisionedCluster, ProvisioningState } from './state.js';

type Operation = Extract<ClusterStep, { type: 'OperationStarted' | 'OperationFailed' }>;

/** Undefined: no machine of the plan is gone. Without a majority of etcd nothing is tried: what is built then would be another cluster. */
export function replacement(cluster: ProvisionedCluster): Operation | undefined {
  const planned = cluster.plan?.machines ?? [];
  const lost = planned.filter(({ name }) => cluster.machines.get(name)?.phase === 'Lost');
  if (lost.length === 0) return undefined;
  const servers = planned.filter(({ roles }) => roles.includes('etcd'));
  const left = servers.filter((machine) => !lost.includes(machine));
  if (left.length * 2 <= servers.length) {
    const message = `${String(servers.length - left.length)} of ${String(servers.length)} etcd machines are gone: ${lost.map(({ name }) => name).join(', ')}`;
    const advice = 'its data are lost unless the machines come back: delete the cluster and build it again';
    return { type: 'OperationFailed', failure: { class: 'dangerous', message, advice } };
  }
  const { kubernetesVersion } = cluster.plan ?? {};
  return {
    type: 'OperationStarted',
    operation: 'Repair',
    ...(kubernetesVersion === undefined ? {} : { kubernetesVersion }),
    add: lost.map((machine, index) => ({
      ...machine,
      name: machineName(cluster.ref, cluster.machineCount + index),
    })),
    remove: lost.map(({ name }) => name),
  };
}

/** A machine of a cluster. */
export interface MachineOf {
  uid: string;
  machine: string;
}

/** Machines at work that a provider's list of a region does not have. */
export function unlistedMachines(state: ProvisioningState, { provider, region, machines }: RegionList): MachineOf[] {
  const listed = new Set(machines.map(({ name }) => name));
  const isMissing = ({ driver, offer, phase, name }: ProvisionMachine): boolean =>
    driver === provider && offer?.region === region && phase === 'Prepared' && !listed.has(name);
  return [...state.clusters.values()]
    .filter(({ phase }) => phase === 'Active')
    .flatMap(({ ref, machines: own }) =>
      [...own.values()].filter(isMissing).map(({ name }) => ({ uid: ref.uid, machine: name })),
    );
}
