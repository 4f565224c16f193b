/** The runs of a driver on a cluster, folded. */
import type { ClusterStep, ProvisionFailure } from '@skyflow/contracts';
import type { ProvisionedCluster } from './state.js';

type RunStep = Extract<ClusterStep, { type: 'RunStarted' | 'RunProgressed' | 'RunEnded' }>;

/** Runs that are shown. */
const SHOWN_RUNS = 5;

export function evolveRun(cluster: ProvisionedCluster, step: RunStep, at: number): void {
  if (step.type === 'RunStarted') {
    const { type: _type, ...facts } = step;
    cluster.run = { ...facts, startedMs: at, stage: undefined };
    cluster.runCount = Math.max(cluster.runCount, step.run);
    if (step.command === 'up') cluster.touched = true;
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
  if (run.command === 'remove' && step.outcome === 'Done') cluster.touched = false;
}

/** Counts a failure of the cluster. */
export function countFailure(cluster: ProvisionedCluster, failure: ProvisionFailure, at: number): void {
  cluster.failure = { ...failure, atMs: at };
  cluster.failures[failure.class] = (cluster.failures[failure.class] ?? 0) + 1;
}
