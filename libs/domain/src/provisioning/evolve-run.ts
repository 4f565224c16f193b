/** The runs of a driver on a cluster, folded. */
import type { ClusterStep, ProvisionFailure } from '@skyflow/contracts';
import type { ProvisionedCluster } from './state.js';

type RunStep = Extract<ClusterStep, { type: 'RunStarted' | 'RunProgressed' | 'RunEnded' }>;

/** Runs that are shown. */
const SHOWN_RUNS = 5;
/** That can be gone back to by name. */
const KEPT_SNAPSHOTS = 50;

export function evolveRun(cluster: ProvisionedCluster, step: RunStep, at: number): void {
  if (step.type === 'RunStarted') {
    const { type: _type, ...facts } = step;
    cluster.run = { ...facts, startedMs: at, stage: undefined };
    cluster.runCount = Math.max(cluster.runCount, step.run);
    if (step.command !== 'remove') cluster.touched = true;
    const shown = { run: step.run, operation: step.operation, startedAt: new Date(at).toISOString() };
    cluster.runs = [...cluster.runs, shown].slice(-SHOWN_RUNS);
    return;
  }
  const { run } = cluster;
  if (run?.run !== step.run || run.ended !== undefined) return;
  const shown = cluster.runs.find((each) => each.run === step.run);
  if (step.type === 'RunProgressed') {
    run.stage = step.stage;
    if (shown !== undefined) shown.stage = step.stage;
    return;
  }
  run.ended = { atMs: at, outcome: step.outcome, hosts: step.hosts ?? [], failure: step.failure };
  if (shown !== undefined) {
    shown.endedAt = new Date(at).toISOString();
    shown.outcome = step.outcome;
  }
  if (step.failure !== undefined) countFailure(cluster, step.failure, at);
  else cluster.failures = {};
  if (step.outcome !== 'Done') return;
  if (run.command === 'remove') cluster.touched = false;
  if (run.command === 'snapshot') keepSnapshot(cluster, at);
}

/** Taken again under the same name, it is the later one. */
function keepSnapshot(cluster: ProvisionedCluster, at: number): void {
  const name = cluster.operation?.snapshot;
  if (name === undefined) return;
  const others = cluster.snapshots.filter((snapshot) => snapshot.name !== name);
  cluster.snapshots = [...others, { name, at: new Date(at).toISOString() }].slice(-KEPT_SNAPSHOTS);
}

/** Counts a failure of the cluster. */
export function countFailure(cluster: ProvisionedCluster, failure: ProvisionFailure, at: number): void {
  cluster.failure = { ...failure, atMs: at };
  cluster.failures[failure.class] = (cluster.failures[failure.class] ?? 0) + 1;
}
