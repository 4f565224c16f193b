/** What a cluster is to be made of: machines by name with their roles, address ranges, version. Pure; offers of clouds are passed in. */
import type {
  ClusterStep,
  LeftOutCloud,
  NodeRole,
  PlannedMachine,
  ProvisionFailure,
  ProvisionHost,
  ProvisionOffer,
  ProvisionSpec,
} from '@skyflow/contracts';
import { affordableNodes } from './autoscale.js';
import { leaseCidrs } from './cidr.js';
import { cloudsOf, offerKey, rankOffers } from './offers.js';
import { type ProvisionedCluster, type ProvisioningState, hostKeyOf } from './state.js';

type Planned = Extract<ClusterStep, { type: 'Planned' }>;
type Failed = Extract<ClusterStep, { type: 'Failed' }>;

const ALL_ROLES: NodeRole[] = ['controlplane', 'etcd', 'worker'];

/** @param offers of clouds, in any order; what was refused before is passed over. @param leftOut clouds that could not be asked. */
export function planCluster(
  state: ProvisioningState,
  cluster: ProvisionedCluster,
  offers: readonly ProvisionOffer[] = [],
  nowMs = 0,
  leftOut: readonly LeftOutCloud[] = [],
): Planned | Failed {
  const { spec } = cluster;
  const addresses = [...state.clusters.values()].flatMap((each) => machineAddresses(each.spec));
  const leased = [...state.clusters.values()].flatMap(({ ref, plan }) =>
    plan === undefined || ref.uid === cluster.ref.uid
      ? []
      : [{ cluster: ref.name, podCidr: plan.podCidr, serviceCidr: plan.serviceCidr }],
  );
  const lease = leaseCidrs(spec.network ?? {}, leased, addresses);
  if (!lease.ok) return failed('config', lease.reason, 'name ranges that are free in spec.provision.network');
  const machines =
    spec.cloud === undefined ? staticMachines(state, cluster) : rentedMachines(state, cluster, offers, nowMs, leftOut);
  if ('type' in machines) return machines;
  return {
    type: 'Planned',
    attempt: cluster.attempts,
    driver: spec.driver ?? 'rke',
    ...(spec.kubernetesVersion === undefined ? {} : { kubernetesVersion: spec.kubernetesVersion }),
    machines: machines.list,
    ...lease.pair,
    ...(machines.offers.length === 0 ? {} : { offers: machines.offers }),
    ...(leftOut.length === 0 ? {} : { leftOut: [...leftOut] }),
  };
}

interface Machines {
  list: PlannedMachine[];
  offers: ProvisionOffer[];
}

function staticMachines(state: ProvisioningState, cluster: ProvisionedCluster): Machines | Failed {
  const hosts = cluster.spec.hosts ?? [];
  const taken = takenHost(state, cluster, hosts);
  if (taken !== undefined) return taken;
  const list = hosts.map((host, index) => staticMachine(cluster, host, cluster.machineCount + index));
  return { list, offers: [] };
}

/** A host has a part in one cluster only. */
export function takenHost(
  state: ProvisioningState,
  cluster: ProvisionedCluster,
  hosts: readonly ProvisionHost[],
): Failed | undefined {
  for (const host of hosts) {
    const key = hostKeyOf(host);
    for (const other of state.clusters.values()) {
      if (other.ref.uid === cluster.ref.uid) continue;
      const isTaken =
        other.plan?.machines.some((machine) => machine.host === key) === true ||
        [...other.machines.values()].some((machine) => machine.host === key);
      if (!isTaken) continue;
      const advice = `delete cluster ${other.ref.name} first, or name another host`;
      return failed('config', `host ${key} belongs to cluster ${other.ref.name}`, advice);
    }
  }
  return undefined;
}

export const staticMachine = ({ ref }: ProvisionedCluster, host: ProvisionHost, number: number): PlannedMachine => ({
  name: machineName(ref, number),
  driver: 'static',
  roles: host.roles ?? ALL_ROLES,
  host: hostKeyOf(host),
});

/** The same wherever it is worked out, and unlike that of any other cluster, also of one of the same name. */
export const machineName = ({ name, uid }: { name: string; uid: string }, number: number): string =>
  `${name}-${uid.slice(0, 8)}-${String(number)}`;

function rentedMachines(
  state: ProvisioningState,
  cluster: ProvisionedCluster,
  offers: readonly ProvisionOffer[],
  nowMs: number,
  leftOut: readonly LeftOutCloud[],
): Machines | Failed {
  const { cloud } = cluster.spec;
  if (cloud === undefined) return failed('config', 'neither hosts nor cloud is given', 'give one of them');
  const passed = rankOffers(offers, cluster.refused, state.blocked, nowMs);
  // What others have learnt is no reason to give up where nothing else is left.
  const isLeft = passed.some(({ refused }) => refused === undefined);
  const ranked = isLeft ? passed : rankOffers(offers, cluster.refused);
  const best = ranked.find(({ refused }) => refused === undefined);
  if (best === undefined) {
    const wanted = wantedWords(cloud);
    const clouds = cloudsOf(cloud).filter((each) => !leftOut.some(({ provider }) => provider === each));
    const message = [
      ranked.length === 0
        ? `${clouds.join(' and ')} ${clouds.length === 1 ? 'has' : 'have'} no machine with ${wanted}`
        : `no offer of ${clouds.join(' and ')} is left: ${ranked.map(offerWords).join('; ')}`,
      ...leftOut.map(({ provider, message: why }) => `${provider} was left out: ${why}`),
    ].join('; ');
    return failed(
      'capacity',
      message,
      'ask for less, or for another region or cloud; tried again when the spec changes',
    );
  }
  const { region, zone, type, hourly } = best;
  const offer = { region, ...(zone === undefined ? {} : { zone }), type, hourly };
  const nodes = affordableNodes(cluster, hourly);
  if (nodes === 0) {
    const message = `the cheapest machine costs ${String(hourly)} an hour, and autoscale.maxHourly is ${String(cloud.autoscale?.maxHourly)}`;
    return failed('config', message, 'raise maxHourly (--max-hourly), or ask for smaller machines');
  }
  const list = Array.from({ length: nodes }, (_, index) => ({
    name: machineName(cluster.ref, cluster.machineCount + index),
    driver: cloudsOf(cloud).find((each) => each === best.provider) ?? cloud.provider,
    roles: rolesOf(index, cloud.autoscale?.minNodes ?? nodes),
    offer,
  }));
  return { list, offers: ranked };
}

/** One control plane below three nodes, three from there on; all of them work. @param nodes that there always are. */
export const rolesOf = (index: number, nodes: number): NodeRole[] =>
  index < (nodes < 3 ? 1 : 3) ? ALL_ROLES : ['worker'];

function wantedWords({ cpus, memoryGiB, accelerators, region, zone }: NonNullable<ProvisionSpec['cloud']>): string {
  const where = zone ?? region;
  const gpus = accelerators === undefined ? '' : `, accelerators ${accelerators}`;
  return `${String(cpus)} cpus, ${String(memoryGiB)} GiB${gpus}${where === undefined ? '' : ` in ${where}`}`;
}

const offerWords = (offer: ProvisionOffer): string =>
  `${offerKey(offer)}${offer.refused === undefined ? '' : ` (${offer.refused})`}`;

const machineAddresses = ({ hosts = [] }: ProvisionSpec): string[] =>
  hosts.flatMap(({ address, internalAddress }) => [
    address,
    ...(internalAddress === undefined ? [] : [internalAddress]),
  ]);

function failed(cause: ProvisionFailure['class'], message: string, advice: string): Failed {
  return { type: 'Failed', failure: { class: cause, message, advice } };
}
