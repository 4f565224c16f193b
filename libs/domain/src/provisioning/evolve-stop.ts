/** Steps of a cluster that is stopped as nobody needs it, and of one that is wanted again. Changes the cluster in place. */
import type { ClusterStep } from '@skyflow/contracts';
import { beginAnew, enter } from './phases.js';
import type { ProvisionedCluster } from './state.js';

type StopStep = Extract<ClusterStep, { type: 'StopStarted' | 'StopConfirmed' | 'StopAbandoned' | 'Stopped' }>;

export function evolveStop(cluster: ProvisionedCluster, step: StopStep, at: number): void {
  switch (step.type) {
    case 'StopStarted':
      cluster.stop = { reason: step.reason, atMs: at, confirmed: false };
      cluster.allocatable = step.allocatable ?? cluster.allocatable;
      beginAnew(cluster);
      enter(cluster, 'Stopping', at);
      break;
    case 'StopConfirmed':
      if (cluster.stop !== undefined) cluster.stop = { ...cluster.stop, confirmed: true };
      break;
    case 'StopAbandoned':
      // What is being taken away cannot be had back.
      if (cluster.phase !== 'Stopping' || cluster.stop?.confirmed === true) break;
      cluster.stop = undefined;
      cluster.wanted = { nodes: cluster.plan?.machines.length ?? 0, remove: [], reason: step.reason, atMs: at };
      enter(cluster, 'Active', at);
      break;
    case 'Stopped':
      stopped(cluster, step.reason, at);
      break;
  }
}

/** Ranges are free for others; the next one has other machines and another authority. */
function stopped(cluster: ProvisionedCluster, reason: string, at: number): void {
  cluster.plan = undefined;
  cluster.active = undefined;
  cluster.stop = undefined;
  cluster.run = undefined;
  cluster.initialised = undefined;
  cluster.caFingerprint = undefined;
  cluster.snapshots = [];
  cluster.refused = [];
  cluster.tried = [];
  cluster.wanted = { nodes: 0, remove: [], reason, atMs: at };
  beginAnew(cluster);
  enter(cluster, 'Stopped', at);
}

/** Work waits that it would admit: what had no room before may have some now. */
export function askedFor(cluster: ProvisionedCluster, at: number): void {
  cluster.refused = [];
  cluster.tried = [];
  beginAnew(cluster);
  enter(cluster, 'Requested', at);
}
