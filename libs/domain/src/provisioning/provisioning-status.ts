/** What users see of a cluster that SkyFlow builds. Pure. */
import type { ProvisionFailure, ProvisioningStatus, ProvisionOperation } from '@skyflow/contracts';
import { counted } from './counted.js';
import { REMEDY_WORDS } from './remedy-words.js';
import { isOfThis } from './requests.js';
import type { ProvisionMachine, ProvisionedCluster } from './state.js';

/** How much of the whole is behind when RKE is in one of its stages. */
const STAGE_PROGRESS: Readonly<Record<string, number>> = {
  dialer: 32,
  state: 34,
  certificates: 38,
  reconcile: 42,
  hosts: 46,
  etcd: 52,
  controlplane: 62,
  authz: 68,
  worker: 74,
  sync: 80,
  network: 84,
  addons: 86,
  dns: 88,
  ingress: 90,
  healthcheck: 72,
};
const BEFORE_RUN = 30;
const AFTER_RUN = 95;

export function provisioningStatus(cluster: ProvisionedCluster): ProvisioningStatus {
  const { spec, plan, caFingerprint, failure, runs, snapshots, requests, tried, wanted } = cluster;
  const version = cluster.active?.kubernetesVersion ?? plan?.kubernetesVersion;
  return {
    ...whereItIs(cluster),
    driver: spec.driver ?? 'rke',
    ...(version === undefined ? {} : { kubernetesVersion: version }),
    ...(plan === undefined ? {} : { podCidr: plan.podCidr, serviceCidr: plan.serviceCidr }),
    machines: [...cluster.machines.values()].map(machineStatus),
    attempts: runs.map((run) => ({ ...run })),
    ...(failure === undefined ? {} : { failure: failureOf(failure) }),
    ...(tried.length === 0 ? {} : { tried: [...tried] }),
    ...(caFingerprint === undefined ? {} : { caFingerprint }),
    ...(wanted === undefined || spec.cloud?.autoscale === undefined
      ? {}
      : { autoscale: { nodes: wanted.nodes, reason: wanted.reason, at: new Date(wanted.atMs).toISOString() } }),
    ...(snapshots.length === 0 ? {} : { snapshots: [...snapshots] }),
    ...(Object.keys(requests).length === 0 ? {} : { requests: { ...requests } }),
  };
}

type Place = Pick<ProvisioningStatus, 'phase' | 'operation' | 'stage' | 'progress' | 'message'>;

function whereItIs(cluster: ProvisionedCluster): Place {
  const operation: ProvisionOperation = cluster.operation?.type ?? 'Create';
  switch (cluster.phase) {
    case 'Requested':
      return { phase: 'PROVISIONING', operation, stage: 'Requested', progress: 0, message: 'a plan is being made' };
    case 'Building':
      return { phase: 'PROVISIONING', operation, ...building(cluster) };
    case 'Operating':
      return { phase: 'UPDATING', operation, ...building(cluster) };
    case 'Active':
      return { phase: 'ACTIVE', operation, stage: 'Active', progress: 100, message: activeWords(cluster) };
    case 'RollingBack': {
      const words = `taking away what was made, as ${cluster.rollback?.failure.message ?? 'it failed'}${troubleOf(cluster)}`;
      return { phase: 'PROVISIONING', operation, stage: 'RollingBack', progress: 0, message: words };
    }
    case 'Stopping': {
      const words =
        cluster.stop?.confirmed === true ? `${whatIsThere(cluster)}${troubleOf(cluster)}` : 'no new work comes';
      const stage = cluster.stop?.confirmed === true ? 'Removing' : 'Draining';
      return {
        phase: 'STOPPING',
        operation: 'Stop',
        stage,
        progress: 0,
        message: `${cluster.stop?.reason ?? ''}; ${words}`,
      };
    }
    case 'Stopped': {
      const message = `${cluster.wanted?.reason ?? ''}; it is built when work waits that it would admit`;
      return { phase: 'STOPPED', operation: 'Stop', stage: 'Stopped', progress: 100, message };
    }
    case 'Removing': {
      const words = `${whatIsThere(cluster)}${troubleOf(cluster)}`;
      return { phase: 'DELETING', operation: 'Delete', stage: 'Removing', progress: 0, message: words };
    }
    case 'Failed':
      return { phase: 'FAILED', operation, stage: 'Failed', progress: 0, message: cluster.failure?.message ?? '' };
  }
}

function whatIsThere(cluster: ProvisionedCluster): string {
  const left = cluster.machines.size;
  return left > 0 ? `${counted(left, 'machine')} ${left === 1 ? 'is' : 'are'} still there` : whatIsLeft(cluster);
}

const whatIsLeft = ({ groundwork }: ProvisionedCluster): string =>
  groundwork === undefined ? 'nothing is left' : `key and firewall in ${groundwork.region} are still there`;

function building(cluster: ProvisionedCluster): Omit<Place, 'phase' | 'operation'> {
  const planned = cluster.plan?.machines ?? [];
  const prepared = planned.filter(({ name }) => cluster.machines.get(name)?.phase === 'Prepared').length;
  const { run, groundwork } = cluster;
  if (groundwork?.phase === 'Intended') {
    const message = `key and firewall are made in ${groundwork.region}${troubleOf(cluster)}`;
    return { stage: 'Groundwork', progress: 3, message };
  }
  if (prepared < planned.length) {
    const progress = Math.round(5 + (20 * prepared) / planned.length);
    const message = `${String(prepared)} of ${counted(planned.length, 'machine')} ready${troubleOf(cluster)}`;
    return { stage: 'Machines', progress, message };
  }
  if (cluster.initialised === undefined) {
    const message = `state and kubeconfig are made and sealed${troubleOf(cluster)}`;
    return { stage: 'Initialise', progress: 26, message };
  }
  if (run === undefined || !isOfThis(cluster, run)) {
    return { stage: 'Install', progress: BEFORE_RUN, message: 'the driver begins' };
  }
  if (run.ended?.outcome === 'Done') {
    return {
      stage: 'Verify',
      progress: AFTER_RUN,
      message: `the API and the nodes are looked at${troubleOf(cluster)}`,
    };
  }
  const progress = STAGE_PROGRESS[run.stage ?? ''] ?? BEFORE_RUN;
  const message = `run ${String(run.run)}${run.ended === undefined ? '' : ' ended'}${troubleOf(cluster)}`;
  return { stage: run.stage ?? 'Install', progress, message };
}

function activeWords({ failure, active }: ProvisionedCluster): string {
  const well = `Kubernetes ${active?.kubernetesVersion ?? ''} on ${counted(active?.nodes ?? 0, 'node')}`;
  return failure === undefined ? well : `${well}; ${failure.message}`;
}

/** What is wrong now, and what is done about it. */
function troubleOf(cluster: ProvisionedCluster): string {
  const machine = [...cluster.machines.values()].find(({ failure }) => failure !== undefined);
  const failure: ProvisionFailure | undefined = machine?.failure ?? cluster.failure;
  if (failure === undefined) return '';
  if (machine === undefined && cluster.phase === 'RollingBack' && Object.keys(cluster.failures).length === 0) return '';
  return `; ${machine === undefined ? '' : `${machine.name}: `}${failure.message} (${REMEDY_WORDS[failure.class]})`;
}

const failureOf = ({ class: cause, message, line, advice }: ProvisionFailure): ProvisionFailure => ({
  class: cause,
  message,
  ...(line === undefined ? {} : { line }),
  advice,
});

const machineStatus = (machine: ProvisionMachine): ProvisioningStatus['machines'][number] => ({
  name: machine.name,
  driver: machine.driver,
  roles: [...machine.roles],
  phase: machine.phase,
  ...(machine.address === undefined
    ? machine.host === undefined
      ? {}
      : { address: machine.host }
    : { address: machine.address }),
  ...(machine.providerId === undefined ? {} : { providerId: machine.providerId }),
  ...(machine.failure === undefined ? {} : { message: machine.failure.message }),
});
