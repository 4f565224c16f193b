/**
 * The fold of the log into what the provisioner knows. Deterministic, changes the state in place, never throws on a decoded entry:
 * what is about something that is not there, or of an older epoch, changes nothing.
 */
import {
  type ClusterStep,
  type Entry,
  type EntryData,
  type FailureClass,
  type Position,
  type ProvisionFailure,
  type ProvisionOperation,
  type ProvisionSpec,
  type StoredObject,
  decisionSubject,
} from '@skyflow/contracts';
import { traceOrigin } from '../objects/trace-life.js';
import { isOnDemand, wantedNodes } from './autoscale.js';
import { evolveMachine } from './evolve-machine.js';
import { blockOffers, refusedBy, triedBy } from './offers.js';
import { evolveOrphan } from './orphans.js';
import { askedFor, evolveStop } from './evolve-stop.js';
import { requestNameOf, requestsOf } from './requests.js';
import { countFailure, evolveRun } from './evolve-run.js';
import { beginAnew, enter } from './phases.js';
import { type ProvisionedCluster, type ProvisioningState, requestedCluster } from './state.js';

/** Version of the state's form: a snapshot of another version is not used. */
export const PROVISIONING_STATE_VERSION = 'provisioning-5';

export interface ProvisioningPlace {
  position: Position;
  subject: string;
}

export function evolveProvisioning(
  state: ProvisioningState,
  entry: Entry,
  place: ProvisioningPlace,
): ProvisioningState {
  state.position = place.position;
  switch (entry.type) {
    case 'ObjectCreated':
      created(state, entry.data.object, entry.at);
      traced(state, entry.data.object.metadata.uid, entry);
      break;
    case 'ObjectUpdated':
      updated(state, entry.data.object, entry.at);
      traced(state, entry.data.object.metadata.uid, entry);
      break;
    case 'ObjectDeleted': {
      const cluster = state.clusters.get(entry.data.ref.uid);
      if (cluster === undefined) break;
      cluster.deletion ??= { atMs: entry.at };
      cluster.vacated ||= entry.data.force === true;
      cluster.origin = traceOrigin(entry);
      break;
    }
    case 'ObjectReleased': {
      const cluster = state.clusters.get(entry.data.ref.uid);
      if (cluster !== undefined && entry.data.epoch >= state.epochs.scheduler) cluster.vacated = true;
      break;
    }
    case 'EpochStarted':
      epochStarted(state, entry.data.epoch, place);
      if (state.installation === '' && place.subject === decisionSubject('provisioner'))
        state.installation = entry.corr;
      break;
    case 'ProvisioningAdvanced':
      clusterAdvanced(state, entry.data, entry.at, place.position);
      break;
    case 'MachineAdvanced': {
      const cluster = clusterOf(state, entry.data);
      if (cluster !== undefined) evolveMachine(cluster, entry.data.machine, entry.data.step, entry.at);
      break;
    }
    case 'OrphanAdvanced':
      if (entry.data.epoch >= state.epochs.provisioner) evolveOrphan(state.orphans, entry.data, entry.at);
      break;
    case 'ProvisioningStatusDecided': {
      const cluster = clusterOf(state, entry.data);
      if (cluster !== undefined) cluster.status = JSON.stringify(entry.data.status);
      break;
    }
    default:
      break;
  }
  return state;
}

function created(state: ProvisioningState, object: StoredObject, at: number): void {
  const spec = provisionOf(object);
  if (spec === undefined) return;
  const { name, uid } = object.metadata;
  state.clusters.set(uid, requestedCluster({ kind: 'Cluster', name, uid }, spec, at));
}

function updated(state: ProvisioningState, object: StoredObject, at: number): void {
  const cluster = state.clusters.get(object.metadata.uid);
  const spec = provisionOf(object);
  if (cluster === undefined || spec === undefined) return;
  const isOther = JSON.stringify({ ...spec, paused: false }) !== JSON.stringify({ ...cluster.spec, paused: false });
  // Somebody has said how many there are to be.
  if (spec.cloud?.nodes !== cluster.spec.cloud?.nodes) cluster.wanted = undefined;
  cluster.spec = spec;
  if (!isOther) return;
  cluster.givenUp = undefined;
  cluster.shortage = undefined;
  if (cluster.phase === 'Stopped' && wantedNodes(cluster) > 0) enter(cluster, 'Requested', at);
  if (cluster.phase !== 'Failed') return;
  // Someone has changed what was wrong.
  cluster.refused = [];
  cluster.tried = [];
  beginAnew(cluster);
  enter(cluster, 'Requested', at);
}

function traced(state: ProvisioningState, uid: string, entry: Entry): void {
  const cluster = state.clusters.get(uid);
  if (cluster !== undefined) cluster.origin = traceOrigin(entry);
}

/** What a Cluster says of how it is to be built; undefined for one that is only attached. */
export function provisionOf({ kind, spec }: StoredObject): ProvisionSpec | undefined {
  if (kind !== 'Cluster') return undefined;
  return (spec as { provision?: ProvisionSpec } | undefined)?.provision;
}

function epochStarted(state: ProvisioningState, epoch: number, { subject }: ProvisioningPlace): void {
  if (subject === decisionSubject('provisioner')) {
    state.epochs.provisioner = Math.max(state.epochs.provisioner, epoch);
  }
  if (subject === decisionSubject('scheduler')) state.epochs.scheduler = Math.max(state.epochs.scheduler, epoch);
}

const clusterOf = (
  state: ProvisioningState,
  { epoch, ref }: { epoch: number; ref: { uid: string } },
): ProvisionedCluster | undefined => (epoch < state.epochs.provisioner ? undefined : state.clusters.get(ref.uid));

function clusterAdvanced(
  state: ProvisioningState,
  data: EntryData<'ProvisioningAdvanced'>,
  at: number,
  position: Position,
): void {
  const cluster = clusterOf(state, data);
  if (cluster === undefined) return;
  blockOffers(state, cluster, data.step, at);
  if (data.step.type === 'GroundworkIntended') state.rentedIn.add(`${data.step.provider}/${data.step.region}`);
  if (data.step.type === 'Deleted') deleted(state, cluster);
  else evolveCluster(cluster, data.step, at, position);
}

function deleted(state: ProvisioningState, { ref, retain, machines, groundwork }: ProvisionedCluster): void {
  state.clusters.delete(ref.uid);
  if (retain && machines.size > 0) state.retained.set(ref.uid, { machines: [...machines.keys()], groundwork });
}

/** One step of a cluster. */
export function evolveCluster(cluster: ProvisionedCluster, step: ClusterStep, at: number, position: Position): void {
  switch (step.type) {
    case 'Planned':
      planned(cluster, step, at);
      break;
    case 'Escrowed': {
      const { type: _type, what, sealed, ...facts } = step;
      const copy = { ...facts, position, atMs: at };
      cluster.escrow[what] = { ...copy, sealed };
      cluster.escrowed.push({ what, ...copy });
      break;
    }
    case 'GroundworkIntended':
      cluster.groundwork = {
        provider: step.provider,
        region: step.region,
        phase: 'Intended',
        intendedMs: at,
        facts: {},
      };
      break;
    case 'GroundworkLaid':
      if (cluster.groundwork === undefined) break;
      cluster.groundwork = { ...cluster.groundwork, phase: 'Laid', facts: step.facts };
      cluster.failures = {};
      break;
    case 'GroundworkCleared':
      cluster.groundwork = undefined;
      cluster.failures = {};
      break;
    case 'StateInitialised':
      cluster.caFingerprint = step.caFingerprint;
      cluster.initialised = { configSha256: step.configSha256 };
      cluster.failures = {};
      break;
    case 'RunStarted':
    case 'RunProgressed':
    case 'RunEnded':
      evolveRun(cluster, step, at);
      break;
    case 'Activated':
      cluster.active = {
        kubernetesVersion: step.kubernetesVersion,
        nodes: step.nodes,
        configSha256: step.configSha256,
        atMs: at,
      };
      cluster.shortage = undefined;
      if (cluster.run?.ended?.outcome !== 'Partial') beginAnew(cluster);
      enter(cluster, 'Active', at);
      cluster.origin = {};
      break;
    case 'AttemptFailed':
      countFailure(cluster, step.failure, at);
      break;
    case 'OperationStarted':
      operationStarted(cluster, step, at);
      break;
    case 'NodesWanted':
      cluster.wanted = { nodes: step.nodes, remove: step.remove, reason: step.reason, atMs: at };
      cluster.givenUp = undefined;
      if (cluster.phase === 'Stopped' || cluster.phase === 'Failed') askedFor(cluster, at);
      break;
    case 'StopStarted':
    case 'StopConfirmed':
    case 'StopAbandoned':
    case 'Stopped':
      evolveStop(cluster, step, at);
      break;
    case 'OperationFailed':
      operationFailed(cluster, step.failure, at);
      break;
    case 'RollbackStarted':
      cluster.failure = { ...step.failure, atMs: at };
      cluster.rollback = { next: step.next, failure: step.failure };
      cluster.failures = {};
      if (step.next === 'Plan') {
        cluster.refused.push(...refusedBy(cluster, step.failure.class));
        cluster.tried = triedBy(cluster, step.failure, at);
      }
      enter(cluster, 'RollingBack', at);
      break;
    case 'Failed':
      cluster.failure = { ...step.failure, atMs: at };
      cluster.plan = undefined;
      enter(cluster, 'Failed', at);
      cluster.origin = {};
      break;
    case 'RemovalStarted':
      cluster.retain = step.retain;
      cluster.failures = {};
      cluster.operation = undefined;
      enter(cluster, 'Removing', at);
      break;
    case 'Deleted':
    case 'Logged':
      break;
  }
}

function planned(cluster: ProvisionedCluster, step: Extract<ClusterStep, { type: 'Planned' }>, at: number): void {
  const { attempt, kubernetesVersion, machines, podCidr, serviceCidr, offers = [] } = step;
  cluster.plan = { attempt, kubernetesVersion, podCidr, serviceCidr, machines, offers };
  cluster.attempts = attempt + 1;
  cluster.machineCount += machines.length;
  cluster.requests = requestsOf(cluster.spec);
  // What a cluster on demand has is what it was planned with, whatever the price left of what was wanted.
  cluster.wanted = isOnDemand(cluster)
    ? { reason: 'it was asked for', atMs: at, ...cluster.wanted, nodes: machines.length, remove: [] }
    : undefined;
  cluster.snapshots = [];
  // Other machines, another authority: nothing of an earlier attempt is left anywhere.
  cluster.caFingerprint = undefined;
  cluster.initialised = undefined;
  cluster.escrow = { state: undefined, kubeconfig: undefined, sshKey: undefined };
  cluster.run = undefined;
  cluster.rollback = undefined;
  cluster.failures = {};
  enter(cluster, 'Building', at);
}

function operationStarted(
  cluster: ProvisionedCluster,
  {
    operation,
    kubernetesVersion,
    add,
    remove,
    generation,
    snapshot,
  }: Extract<ClusterStep, { type: 'OperationStarted' }>,
  at: number,
): void {
  if (cluster.plan === undefined) return;
  const kept = cluster.plan.machines.filter(({ name }) => !remove.includes(name));
  cluster.plan = { ...cluster.plan, kubernetesVersion, machines: [...kept, ...add] };
  cluster.machineCount += add.length;
  const request = requestNameOf(operation);
  if (request !== undefined && generation !== undefined) cluster.requests[request] = generation;
  cluster.operation = {
    ...{ type: operation, remove, startedRun: cluster.runCount },
    ...(snapshot === undefined ? {} : { snapshot }),
  };
  beginAnew(cluster);
  enter(cluster, 'Operating', at);
}

function operationFailed(cluster: ProvisionedCluster, failure: ProvisionFailure, at: number): void {
  cluster.failure = { ...failure, atMs: at };
  cluster.failures = {};
  const isShort = RETRIED.has(failure.class) && GROWING.has(cluster.operation?.type ?? 'Delete');
  if (isShort) cluster.shortage = { times: (cluster.shortage?.times ?? 0) + 1, atMs: at };
  else cluster.givenUp = JSON.stringify(cluster.spec);
  // Machines on which nothing was begun have no part in it.
  if (cluster.plan !== undefined && cluster.operation?.startedRun === cluster.runCount) {
    const machines = cluster.plan.machines.filter(({ name }) => cluster.machines.get(name)?.phase === 'Prepared');
    cluster.plan = { ...cluster.plan, machines };
  }
  cluster.operation = undefined;
  enter(cluster, 'Active', at);
  cluster.origin = {};
}

/** What may be had later, asked for by an operation that asks for machines. */
const RETRIED: ReadonlySet<FailureClass> = new Set(['capacity', 'quota']);
const GROWING: ReadonlySet<ProvisionOperation> = new Set(['Scale', 'Repair']);
