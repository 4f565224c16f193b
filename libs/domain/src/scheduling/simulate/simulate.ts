/**
 * What would become of everything if something were submitted, changed or lost: which workloads would be placed, moved, preempted or
 * left waiting. Decided on a fork by the code that decides; clusters are taken to do at once what they are told.
 */
import {
  type NodeObservation,
  type SimulateRequest,
  type SimulatedWorkload,
  type Simulation,
  decisionSubject,
  observationSubject,
} from '@skyflow/contracts';
import { SCHEDULING_CODE } from '../decide-workload.js';
import { type ClusterRecord, type SchedulingState, type Share, shareOn } from '../state.js';
import { type Change, Trial, differences, replicasByCluster } from '../trial.js';

export interface SimulatedChange extends Change {
  clustersDown: readonly string[];
  nodes: readonly NonNullable<SimulateRequest['nodes']>[number][];
}

/** It names a cluster that is not there. The message is for people. */
export class UnknownClusterError extends Error {
  override readonly name = 'UnknownClusterError';
}

/** When every grace time after a loss is over, whatever it is. */
const LONG_AFTER_MS = 366 * 24 * 3_600_000;

/**
 * @param options `nowMs`: wall clock; `most`: workloads that are listed.
 * @throws UnknownClusterError
 */
export function simulate(
  state: SchedulingState,
  change: SimulatedChange,
  { nowMs, most }: { nowMs: number; most: number },
): Simulation {
  const trial = new Trial(state, nowMs, true);
  for (const name of change.clustersDown) lose(trial, name);
  for (const nodes of change.nodes) addNodes(trial, nodes);
  trial.store(change);
  const touched = trial.rest(nowMs);
  if (change.clustersDown.length > 0) for (const uid of trial.rest(nowMs + LONG_AFTER_MS)) touched.add(uid);
  const found = new Map([...touched].flatMap((uid) => entriesOf(uid, outcomeOf(state, trial, uid))));
  for (const name of change.clustersDown) {
    for (const [uid, left] of leftOn(state, trial, name)) found.set(uid, withLeft(found.get(uid), left));
  }
  const workloads = [...found.values()].sort(byName);
  const counts: Simulation['counts'] = { placed: 0, moved: 0, preempted: 0, waiting: 0 };
  for (const { outcome } of workloads) counts[outcome]++;
  return { position: state.position, code: SCHEDULING_CODE, counts, workloads: workloads.slice(0, most) };
}

function clusterNamed({ fork }: Trial, name: string) {
  const cluster = fork.clusters.get(name);
  if (cluster !== undefined) return cluster;
  const known = [...fork.clusters.keys()].sort().join(', ');
  throw new UnknownClusterError(
    `there is no cluster "${name}"; ${known === '' ? 'none is registered' : `there are: ${known}`}`,
  );
}

function lose(trial: Trial, name: string): void {
  const { uid } = clusterNamed(trial, name);
  trial.fold(
    'ClusterHealthDecided',
    {
      epoch: trial.fork.epoch,
      cluster: name,
      uid,
      state: 'LOST',
      reason: 'Simulated',
      message: 'lost in a simulation',
    },
    decisionSubject('scheduler'),
  );
}

function addNodes(trial: Trial, { cluster: name, count, allocatable, starts }: SimulatedChange['nodes'][number]): void {
  const cluster = clusterNamed(trial, name);
  const nodes = starts === true ? [] : (cluster.nodes ?? []);
  if (starts === true) start(trial, cluster);
  const added = Array.from({ length: count }, (_, index): NodeObservation => ({
    name: `simulated-${nodes.length + index + 1}`,
    ready: true,
    allocatable,
    requestedByOthers: {},
  }));
  const data = { kubernetesVersion: '', nodes: [...nodes, ...added], reachable: true };
  trial.fold('ClusterObserved', data, observationSubject(name));
}

/** A cluster that SkyFlow has not built yet, or has stopped, is there and answers. */
function start(trial: Trial, { name: cluster, uid }: Pick<ClusterRecord, 'name' | 'uid'>): void {
  const { epoch } = trial.fork;
  const ref = { kind: 'Cluster', name: cluster, uid };
  trial.fold('ProvisioningStatusDecided', { epoch, ref, status: { phase: 'ACTIVE' } }, decisionSubject('provisioner'));
  const health = { state: 'READY', reason: 'Simulated', message: 'built in a simulation' } as const;
  trial.fold('ClusterHealthDecided', { epoch, cluster, uid, ...health }, decisionSubject('scheduler'));
}

const replicasOf = (share: Share): number => share.replicas;

/** Undefined: it is as before. */
function outcomeOf(state: SchedulingState, trial: Trial, uid: string): SimulatedWorkload | undefined {
  const [was, is] = [state.workloads.get(uid), trial.fork.workloads.get(uid)];
  if (is === undefined || is.deleting) return undefined;
  const before = was === undefined ? new Map<string, number>() : replicasByCluster(was, replicasOf);
  const after = replicasByCluster(is, replicasOf);
  const [lost, gained] = [differences(before, after).length > 0, differences(after, before).length > 0];
  const waiting = is.decision?.unplaced ?? 0;
  const outcome =
    lost && trial.displaced.has(uid)
      ? 'preempted'
      : lost && gained
        ? 'moved'
        : gained
          ? 'placed'
          : waiting > (was?.decision?.unplaced ?? 0)
            ? 'waiting'
            : undefined;
  if (outcome === undefined) return undefined;
  const { kind, namespace, name } = is.ref;
  const { reason, message } = trial.decisions.get(uid) ?? {};
  return {
    ...{ kind, name, outcome, waiting },
    ...(namespace !== undefined && { namespace }),
    before: sharesOf(before),
    after: sharesOf(after),
    ...(waiting > 0 && reason !== undefined && { reason }),
    ...(waiting > 0 && message !== undefined && { message }),
  };
}

/** What becomes of a workload of which nothing moves, and how many of its replicas are on one lost cluster. */
interface Left {
  readonly left: SimulatedWorkload;
  readonly stay: number;
}

/** What stays on a lost cluster, as there is no room elsewhere or its policy keeps it there. */
function* leftOn(state: SchedulingState, { fork }: Trial, cluster: string): Generator<[uid: string, left: Left]> {
  for (const uid of fork.clusters.get(cluster)?.shares ?? []) {
    const [was, is] = [state.workloads.get(uid), fork.workloads.get(uid)];
    const share = is === undefined ? undefined : shareOn(is, cluster);
    if (is === undefined || is.deleting || share === undefined || share.finished || share.replicas === 0) continue;
    const { kind, namespace, name } = is.ref;
    const message = `${share.replicas} stay on ${cluster}, which is lost: there is no room elsewhere, or its placement keeps them there`;
    const left: SimulatedWorkload = {
      // Beside those that wait already.
      ...{ kind, name, outcome: 'waiting', waiting: share.replicas + (is.decision?.unplaced ?? 0), message },
      ...(namespace !== undefined && { namespace }),
      before: sharesOf(was === undefined ? new Map() : replicasByCluster(was, replicasOf)),
      after: sharesOf(replicasByCluster(is, replicasOf)),
    };
    yield [uid, { left, stay: share.replicas }];
  }
}

/** Some of it may move while the rest stays, or stay on a second cluster. */
const withLeft = (found: SimulatedWorkload | undefined, { left, stay }: Left): SimulatedWorkload =>
  found === undefined ? left : { ...found, waiting: found.waiting + stay, message: found.message ?? left.message };

const entriesOf = <V>(key: string, value: V | undefined): [string, V][] => (value === undefined ? [] : [[key, value]]);

const sharesOf = (byCluster: ReadonlyMap<string, number>): { cluster: string; replicas: number }[] =>
  Array.from(byCluster, ([cluster, replicas]) => ({ cluster, replicas }));

const byName = (a: SimulatedWorkload, b: SimulatedWorkload): number => {
  const [left, right] = [a, b].map(({ kind, namespace = '', name }) => `${namespace}/${kind}/${name}`);
  return (left ?? '') < (right ?? '') ? -1 : 1;
};
