/**
 * What is to be done next about a cluster that SkyFlow builds, from what is known of it. Pure: asked again it says the same, and whatever
 * was begun and not ended is taken up where it was. Intents with different keys may be carried out at the same time.
 */
import type { ClusterStep, PlannedMachine } from '@skyflow/contracts';
import { isOnDemand, wantedNodes } from './autoscale.js';
import { changedPlan } from './changed-plan.js';
import { type Pace, nextTry, pauseMs } from './failures.js';
import type { Intent } from './intents.js';
import { commandOf, isOfThis } from './requests.js';
import { replacement } from './replacement.js';
import { type MachineReaction, isGone, machineIntents, releaseIntents } from './react-machines.js';
import type { ProvisionedCluster, ProvisioningState } from './state.js';

export interface Reaction {
  intents: Intent[];
  /** When to ask again though nothing has happened, ms since the epoch. */
  wakeAtMs?: number;
}

const NOTHING: Reaction = { intents: [] };

export function react(state: ProvisioningState, cluster: ProvisionedCluster, nowMs: number, pace: Pace): Reaction {
  // A run that someone else began is ended or waited for before all else, paused or not: two must never be at work.
  if (cluster.run !== undefined && cluster.run.ended === undefined) return only(cluster, { do: 'recoverRun' });
  if (cluster.spec.paused === true) return NOTHING;
  if (cluster.deletion !== undefined && cluster.phase !== 'Removing') return beginRemoval(cluster);
  switch (cluster.phase) {
    case 'Requested':
      if (isOnDemand(cluster) && wantedNodes(cluster) === 0)
        return record(cluster, { type: 'Stopped', reason: UNWANTED });
      return afterFailure(cluster, nowMs, pace, { do: 'plan' });
    case 'Building':
    case 'Operating':
      return build(cluster, nowMs, pace);
    case 'Active':
      return changes(state, cluster, nowMs, pace);
    case 'RollingBack':
      return rollBack(cluster, nowMs, pace);
    case 'Stopping':
      return stop(cluster, nowMs, pace);
    case 'Removing':
      return remove(cluster, nowMs, pace);
    case 'Stopped':
    case 'Failed':
      return NOTHING;
  }
}

/** Workloads leave first; the scheduler says when none is left. What was never active has none. */
function beginRemoval(cluster: ProvisionedCluster): Reaction {
  if (!cluster.vacated) return NOTHING;
  return record(cluster, { type: 'RemovalStarted', retain: cluster.spec.deletionPolicy === 'Retain' });
}

/** Machines, then state in escrow, then Kubernetes, then the proof that it works. */
function build(cluster: ProvisionedCluster, nowMs: number, pace: Pace): Reaction {
  const planned = cluster.plan?.machines ?? [];
  const ground = groundworkFor(cluster, planned, nowMs, pace);
  if (ground !== undefined) return ground;
  const machines = machineIntents(cluster, planned, nowMs, pace);
  if ('hopeless' in machines) return giveUp(cluster, machines.hopeless, machines.then);
  if (!machines.ready) return { intents: machines.intents, ...wakeOf(machines) };
  if (cluster.initialised === undefined) return afterFailure(cluster, nowMs, pace, { do: 'initialise' });
  return install(cluster, nowMs, pace);
}

/** Rented machines stand on something that is asked for, and told of, before them. Undefined: it is there, or none is needed. */
function groundworkFor(
  cluster: ProvisionedCluster,
  planned: readonly PlannedMachine[],
  nowMs: number,
  pace: Pace,
): Reaction | undefined {
  const rented = planned.find(({ offer }) => offer !== undefined);
  if (rented?.offer === undefined || cluster.groundwork?.phase === 'Laid') return undefined;
  if (cluster.groundwork !== undefined) return afterFailure(cluster, nowMs, pace, { do: 'layGroundwork' });
  return record(cluster, { type: 'GroundworkIntended', provider: rented.driver, region: rented.offer.region });
}

function install(cluster: ProvisionedCluster, nowMs: number, pace: Pace): Reaction {
  const { run } = cluster;
  const command = commandOf(cluster.operation?.type);
  const ended = run !== undefined && isOfThis(cluster, run) ? run.ended : undefined;
  if (ended === undefined) return only(cluster, { do: 'run', command, recovery: false });
  if (ended.outcome === 'Done') return afterFailure(cluster, nowMs, pace, { do: 'verify' });
  const verdict = ended.failure === undefined ? undefined : nextTry(ended.failure, cluster.failures, ended.atMs, pace);
  // Some hosts were passed over and the others are a cluster: better than none, and its status says which are missing.
  if (ended.outcome === 'Partial' && verdict?.do === 'stop') return only(cluster, { do: 'verify' });
  return afterFailure(cluster, nowMs, pace, { do: 'run', command, recovery: needsRecovery(cluster) });
}

/**
 * RKE writes currentState before workers and network: after that its next run takes the way of an upgrade, which waits for ready nodes that
 * cannot become ready without a network. A cluster that never was active is installed again with an empty currentState.
 */
function needsRecovery(cluster: ProvisionedCluster): boolean {
  if (cluster.active !== undefined) return false;
  const { run } = cluster;
  if (run?.ended === undefined || run.command !== 'up') return false;
  return (
    run.recovery ||
    run.ended.failure?.class === 'stuckUpgrade' ||
    (run.ended.outcome !== 'Done' && AFTER_CURRENT_STATE.has(run.stage ?? ''))
  );
}

const AFTER_CURRENT_STATE: ReadonlySet<string> = new Set([
  'state',
  'worker',
  'sync',
  'network',
  'addons',
  'dns',
  'ingress',
]);

/** The next thing, unless the last failure says to wait, or that it is no use. */
type Undertaking = DistributiveOmit<Intent, 'key'>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function afterFailure(cluster: ProvisionedCluster, nowMs: number, pace: Pace, next: Undertaking): Reaction {
  const { failure, failures } = cluster;
  if (failure === undefined || (failures[failure.class] ?? 0) === 0) return only(cluster, next);
  const verdict = nextTry(failure, failures, failure.atMs, pace);
  if (verdict.do !== 'again') return giveUp(cluster, failure, verdict.do);
  return nowMs < verdict.atMs ? { intents: [], wakeAtMs: verdict.atMs } : only(cluster, next);
}

function giveUp(
  cluster: ProvisionedCluster,
  { class: cause, message, line, advice }: NonNullable<ProvisionedCluster['failure']>,
  then: 'elsewhere' | 'stop' | 'hold',
): Reaction {
  if (then === 'hold') return NOTHING;
  const failure = { class: cause, message, ...(line === undefined ? {} : { line }), advice };
  if (cluster.phase === 'Requested') return record(cluster, { type: 'Failed', failure });
  if (cluster.phase === 'Operating') return record(cluster, { type: 'OperationFailed', failure });
  // Before Kubernetes is begun, another cloud may have what this one has not, whatever that is.
  const isEarly = cluster.initialised === undefined && (cluster.spec.cloud?.alternatives ?? []).length > 0;
  const isElsewhere = cluster.spec.cloud !== undefined && (then === 'elsewhere' || isEarly);
  return record(cluster, { type: 'RollbackStarted', failure, next: isElsewhere ? 'Plan' : 'Fail' });
}

/** Machines that an operation took out of an active cluster go, then what the spec says now. */
function changes(state: ProvisioningState, cluster: ProvisionedCluster, nowMs: number, pace: Pace): Reaction {
  const planned = new Set(cluster.plan?.machines.map(({ name }) => name));
  const leaving = [...cluster.machines.values()].filter(({ name }) => !planned.has(name));
  if (leaving.length > 0) return reactionOf(releaseIntents(cluster, leaving, nowMs, pace));
  if (cluster.givenUp === JSON.stringify(cluster.spec)) return NOTHING;
  const { shortage } = cluster;
  const againMs = shortage === undefined ? 0 : shortage.atMs + pauseMs(shortage.times, pace);
  if (nowMs < againMs) return { intents: [], wakeAtMs: againMs };
  const operation = replacement(cluster) ?? changedPlan(state, cluster);
  return operation === undefined ? NOTHING : record(cluster, operation);
}

function rollBack(cluster: ProvisionedCluster, nowMs: number, pace: Pace): Reaction {
  const taking = takeAway(cluster, nowMs, pace);
  if (taking !== undefined) return taking;
  if (cluster.rollback?.next === 'Plan') return afterFailure(cluster, nowMs, pace, { do: 'plan' });
  return record(cluster, { type: 'Failed', failure: cluster.rollback?.failure ?? UNKNOWN });
}

const UNKNOWN = {
  class: 'unknown',
  message: 'it was rolled back for a reason that the log does not tell',
  advice: 'look at the build log: skyctl logs cluster NAME',
} as const;

const UNWANTED = 'nothing has waited for it yet';

/** Whether anything is left there is asked outside (autoscale); nothing is touched before the answer. */
function stop(cluster: ProvisionedCluster, nowMs: number, pace: Pace): Reaction {
  const { stop: begun } = cluster;
  if (begun?.confirmed !== true) {
    if (isOnDemand(cluster)) return NOTHING;
    return record(cluster, { type: 'StopAbandoned', reason: 'it has a least number of machines now' });
  }
  return takeAway(cluster, nowMs, pace) ?? record(cluster, { type: 'Stopped', reason: begun.reason });
}

function remove(cluster: ProvisionedCluster, nowMs: number, pace: Pace): Reaction {
  const taking = cluster.retain ? undefined : takeAway(cluster, nowMs, pace);
  return taking ?? record(cluster, { type: 'Deleted' });
}

/** Kubernetes off the machines that stay when we go, then the machines. Undefined: nothing is left. */
function takeAway(cluster: ProvisionedCluster, nowMs: number, pace: Pace): Reaction | undefined {
  const machines = [...cluster.machines.values()].filter((machine) => !isGone(machine));
  // Rented machines are wiped by their end; hosts that are the user's must be clean.
  if (cluster.touched && machines.some(({ driver }) => driver === 'static')) {
    return forEver(cluster, nowMs, pace, { do: 'run', command: 'remove', recovery: false });
  }
  if (machines.length > 0) return reactionOf(releaseIntents(cluster, machines, nowMs, pace));
  const { groundwork } = cluster;
  if (groundwork === undefined) return undefined;
  const seenByMs = groundwork.intendedMs + pace.visibleWithinMs;
  if (nowMs < seenByMs) return { intents: [], wakeAtMs: seenByMs };
  return forEver(cluster, nowMs, pace, { do: 'clearGroundwork' });
}

/** Giving up would leave behind what nobody knows of. */
function forEver(cluster: ProvisionedCluster, nowMs: number, pace: Pace, next: Undertaking): Reaction {
  const { failure, failures } = cluster;
  const failed = failure === undefined ? 0 : (failures[failure.class] ?? 0);
  if (failure === undefined || failed === 0) return only(cluster, next);
  const atMs = failure.atMs + pauseMs(failed, pace);
  return nowMs < atMs ? { intents: [], wakeAtMs: atMs } : only(cluster, next);
}

const reactionOf = (machines: MachineReaction): Reaction => ({ intents: machines.intents, ...wakeOf(machines) });
const wakeOf = ({ wakeAtMs }: MachineReaction): Pick<Reaction, 'wakeAtMs'> =>
  wakeAtMs === undefined ? {} : { wakeAtMs };

const only = (cluster: ProvisionedCluster, undertaking: Undertaking): Reaction => ({
  intents: [{ key: cluster.ref.uid, ...undertaking }],
});

const record = (cluster: ProvisionedCluster, ...steps: ClusterStep[]): Reaction =>
  only(cluster, { do: 'record', steps });
