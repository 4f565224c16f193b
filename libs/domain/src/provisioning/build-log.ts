/** The build log of a cluster, from entries of the log: what its driver printed, and between it what SkyFlow says, with a mark. Pure. */
import type { ClusterStep, Entry, MachineStep, ProvisionFailure } from '@skyflow/contracts';
import { counted } from './counted.js';

const MARK = '# skyflow:';

/** None for entries that are about something else, or say nothing. @param uid of the Cluster. */
export function buildLogLines(entry: Entry, uid: string): string[] {
  if (entry.type === 'ProvisioningAdvanced' && entry.data.ref.uid === uid) return clusterLines(entry.data.step);
  if (entry.type === 'MachineAdvanced' && entry.data.ref.uid === uid) {
    return machineLines(entry.data.machine, entry.data.step);
  }
  return [];
}

function clusterLines(step: ClusterStep): string[] {
  switch (step.type) {
    case 'Logged':
      return step.lines;
    case 'Planned': {
      const machines = step.machines.map(({ name, roles }) => `${name} (${roles.join(', ')})`);
      return [
        ...offerLines(step),
        ...leftOutLines(step),
        `${MARK} planned: ${machines.join('; ')}`,
        `${MARK} pods have ${step.podCidr}, services ${step.serviceCidr}`,
      ];
    }
    case 'StateInitialised':
      return [`${MARK} state and kubeconfig are sealed, authority ${step.caFingerprint.slice(0, 16)}…`];
    case 'RunStarted': {
      const how = step.recovery ? ', as a first installation' : '';
      return [`${MARK} run ${String(step.run)} begins: ${step.operation}${how}`];
    }
    case 'RunEnded': {
      const why = step.failure === undefined ? [] : failureLines(step.failure);
      return [`${MARK} run ${String(step.run)} ended: ${step.outcome}`, ...why];
    }
    case 'AttemptFailed':
    case 'OperationFailed':
      return failureLines(step.failure);
    case 'Activated':
      return [`${MARK} active: Kubernetes ${step.kubernetesVersion} on ${counted(step.nodes, 'node')}`];
    case 'NodesWanted':
      return [`${MARK} ${counted(step.nodes, 'machine')} ${step.nodes === 1 ? 'is' : 'are'} wanted: ${step.reason}`];
    case 'StopStarted':
      return [`${MARK} to be stopped, as ${step.reason}; no new work comes`];
    case 'StopConfirmed':
      return [`${MARK} nothing of anybody is there; taken away`];
    case 'StopAbandoned':
      return [`${MARK} not stopped: ${step.reason}`];
    case 'Stopped':
      return [`${MARK} stopped: ${step.reason}; built when work waits that it would admit`];
    case 'OperationStarted':
      return [`${MARK} ${step.operation} begins${step.snapshot === undefined ? '' : `: ${step.snapshot}`}`];
    case 'RollbackStarted':
      return [`${MARK} rolled back, as ${step.failure.message}`];
    case 'Failed':
      return [`${MARK} failed: ${step.failure.message}`, `${MARK} ${step.failure.advice}`];
    case 'RemovalStarted':
      return [`${MARK} ${step.retain ? 'let go of; machines and Kubernetes stay' : 'taken down'}`];
    case 'GroundworkIntended':
      return [`${MARK} key and firewall in ${step.provider} ${step.region}`];
    case 'GroundworkCleared':
      return [`${MARK} key and firewall are gone`];
    case 'GroundworkLaid':
    case 'Escrowed':
    case 'RunProgressed':
    case 'Deleted':
      return [];
  }
}

const SHOWN_OFFERS = 10;

const leftOutLines = ({ leftOut = [] }: Extract<ClusterStep, { type: 'Planned' }>): string[] =>
  leftOut.map(({ provider, message, advice }) => `${MARK} offers of ${provider} are left out: ${message}; ${advice}`);

/** Why this machine and no other. */
const offerLines = ({ offers = [] }: Extract<ClusterStep, { type: 'Planned' }>): string[] =>
  offers.slice(0, SHOWN_OFFERS).map(({ provider, region, zone, type, cpus, memoryGiB, hourly, refused }, index) => {
    const verdict = refused ?? (index === 0 ? 'chosen' : '');
    const what = `${provider} ${zone ?? region} ${type}, ${String(cpus)} cpus, ${String(memoryGiB)} GiB`;
    return `${MARK} offer: ${what}, ${hourly.toFixed(4)} $/h${verdict === '' ? '' : `: ${verdict}`}`;
  });

function machineLines(name: string, step: MachineStep): string[] {
  switch (step.type) {
    case 'Prepared': {
      const facts = Object.entries(step.facts).map(([what, value]) => `${what} ${value}`);
      return [`${MARK} ${name} is ready at ${step.address}: ${facts.join(', ')}`];
    }
    case 'Created':
      if (step.awaits !== undefined) return [`${MARK} ${name} is waited for: ${step.awaits}`];
      return [
        `${MARK} ${name} is ${step.providerId}${step.adopted === true ? ', found after an answer was lost' : ''}`,
        ...(step.removed ?? []).map((id) => `${MARK} ${id} was made for the same request, and is ended`),
      ];
    case 'CreateUnknown':
      return [`${MARK} ${name}: ${step.message}; it is looked for`];
    case 'CreateRepeated':
      return [`${MARK} ${name} is not there; it is asked for again`];
    case 'CreateFailed':
    case 'HostFailed':
    case 'DeleteFailed':
      return failureLines(step.failure, `${name}: `);
    case 'Lost':
      return [`${MARK} ${name} is lost: ${step.message}; another one takes its place`];
    case 'DeleteConfirmed':
      return [`${MARK} ${name} is gone`];
    case 'CreateIntended':
    case 'DeleteIntended':
    case 'DeleteAccepted':
      return [];
  }
}

const failureLines = ({ message, advice }: ProvisionFailure, of = ''): string[] => [
  `${MARK} ${of}${message}`,
  `${MARK} ${advice}`,
];
