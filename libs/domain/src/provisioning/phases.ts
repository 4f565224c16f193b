/** From one phase to another. Changes the cluster in place. */
import type { ProvisionPhase, ProvisionedCluster } from './state.js';

export function enter(cluster: ProvisionedCluster, phase: ProvisionPhase, at: number): void {
  if (cluster.phase !== phase) cluster.phaseSinceMs = at;
  cluster.phase = phase;
  if (phase === 'Active') cluster.operation = undefined;
}

/** What failed before counts no more. */
export function beginAnew(cluster: ProvisionedCluster): void {
  cluster.failures = {};
  cluster.failure = undefined;
}
