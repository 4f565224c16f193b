/**
 * Whole clusters on demand: one whose least number of machines is 0 is built while work waits that it would admit and nothing else would, and
 * stopped when nothing has run on it for long. Pure: what would be admitted, and since when nothing runs, is passed in. Limits are those of
 * its spec (`cloud.autoscale`); how many clusters there can be is how many are declared.
 */
import type { ClusterStep, FailureClass, ProvisionCloud, ResourceList, SimulateRequest } from '@skyflow/contracts';
import { changedMs, fewestFor, grown, idleMs, isOnDemand, isScalable, wantedNodes } from './autoscale.js';
import type { ProvisionedCluster, ProvisioningState } from './state.js';

type StopStarted = Extract<ClusterStep, { type: 'StopStarted' }>;
type StopVerdict = Extract<ClusterStep, { type: 'StopConfirmed' | 'StopAbandoned' }>;
type NodesWanted = Extract<ClusterStep, { type: 'NodesWanted' }>;

/** Nodes that a cluster would have, or is about to have. */
export type ComingNodes = NonNullable<SimulateRequest['nodes']>[number];

/** A cluster that could not be built is asked for again no sooner. */
const AGAIN_AFTER_MS = 10 * 60_000;
/** What may be there later though it was not. */
const PASSING: ReadonlySet<FailureClass> = new Set(['capacity', 'quota', 'network', 'host', 'healthcheck', 'stalled']);

/** Whether it may be built now if somebody needs it. */
export function mayStart({ spec, phase, deletion, failure }: ProvisionedCluster, nowMs: number): boolean {
  if (!isOnDemand({ spec }) || spec.paused === true || deletion !== undefined) return false;
  if (phase === 'Stopped') return true;
  return (
    phase === 'Failed' && failure !== undefined && PASSING.has(failure.class) && nowMs >= failure.atMs + AGAIN_AFTER_MS
  );
}

/**
 * Nodes that are on their way, of whatever cluster: work that they will admit needs no other.
 * @param settleMs what a cluster that has become active takes until its agent has told of its nodes.
 */
export function comingNodes({ clusters }: ProvisioningState, nowMs: number, settleMs: number): ComingNodes[] {
  return [...clusters.values()].flatMap((cluster): ComingNodes[] => {
    const { ref, spec, phase, plan, active, deletion, rollback } = cluster;
    const allocatable = shapeOf(cluster);
    if (allocatable === undefined || deletion !== undefined || spec.paused === true) return [];
    const planned = plan?.machines.length ?? 0;
    const of = (count: number, starts: boolean): ComingNodes[] =>
      count < 1 ? [] : [{ cluster: ref.name, count, allocatable, ...(starts ? { starts } : {}) }];
    switch (phase) {
      case 'Requested':
        return of(wantedNodes(cluster), true);
      case 'RollingBack':
        return rollback?.next === 'Plan' ? of(wantedNodes(cluster), true) : [];
      case 'Building':
        return of(planned, true);
      case 'Active':
      case 'Operating':
        if (nowMs < (active?.atMs ?? 0) + settleMs) return of(planned, true);
        return of(Math.max(planned, wantedNodes(cluster)) - (active?.nodes ?? 0), false);
      default:
        return [];
    }
  });
}

export interface Start {
  cluster: ProvisionedCluster;
  step: NodesWanted;
}

/**
 * The cheapest cluster that would admit work which nothing that is there or on its way would; undefined: none.
 * @param placed replicas that would be placed if these nodes were there; does not fall with their number.
 */
export async function clusterToStart(
  state: ProvisioningState,
  { nowMs, settleMs }: { nowMs: number; settleMs: number },
  placed: (nodes: readonly ComingNodes[]) => Promise<number>,
): Promise<Start | undefined> {
  const candidates = [...state.clusters.values()].filter((cluster) => mayStart(cluster, nowMs)).sort(smallestFirst);
  if (candidates.length === 0) return undefined;
  const coming = comingNodes(state, nowMs, settleMs);
  const anyway = coming.length === 0 ? 0 : await placed(coming);
  for (const cluster of candidates) {
    const allocatable = shapeOf(cluster);
    if (allocatable === undefined) continue;
    let replicas = 0;
    const count = await fewestFor(cluster.spec.cloud?.autoscale?.maxNodes ?? 0, async (added) => {
      const nodes: ComingNodes = { cluster: cluster.ref.name, count: added, allocatable, starts: true };
      const gain = Math.max(0, (await placed([...coming, nodes])) - anyway);
      replicas = Math.max(replicas, gain);
      return gain;
    });
    if (count > 0) return { cluster, step: grown({ ...cluster, plan: undefined }, count, replicas) };
  }
  return undefined;
}

/** What it costs is known when it is planned; a smaller machine is never dearer. */
const smallestFirst = (a: ProvisionedCluster, b: ProvisionedCluster): number =>
  sizeOf(a.spec.cloud) - sizeOf(b.spec.cloud) || (a.ref.uid < b.ref.uid ? -1 : 1);

/** An accelerator costs more than any machine without one. */
const sizeOf = (cloud: ProvisionCloud | undefined): number =>
  (cloud?.cpus ?? 0) + (cloud?.memoryGiB ?? 0) / 8 + (cloud?.accelerators === undefined ? 0 : 1_000);

/** What a node runs besides work: kubelet, network, DNS. As much as a small control plane takes; seen exactly when it was there once. */
const SYSTEM = { cpu: 500, memory: 1024 ** 3 };
const PODS = 100;

/** What one node has for work; undefined: nobody knows (hosts that nobody has looked at). */
export function shapeOf({ allocatable, spec }: ProvisionedCluster): ResourceList | undefined {
  if (allocatable !== undefined) return allocatable;
  const { cloud } = spec;
  if (cloud === undefined) return undefined;
  const count = Number(cloud.accelerators?.split(':')[1] ?? (cloud.accelerators === undefined ? 0 : 1));
  return {
    cpu: Math.max(0, cloud.cpus * 1_000 - SYSTEM.cpu),
    memory: Math.max(0, cloud.memoryGiB * 1024 ** 3 - SYSTEM.memory),
    pods: PODS,
    ...(count > 0 ? { 'nvidia.com/gpu': count } : {}),
  };
}

/** What is known of whether anything runs on a cluster. */
export interface Idleness {
  /** Since when nothing but what belongs to every cluster has run there, ms since the epoch. */
  sinceMs: number;
  /** agent: it says so itself. provisioner: looked at from outside. silence: its API has not answered since. */
  by: 'agent' | 'provisioner' | 'silence';
}

/** What was seen of a cluster, and heard of it. */
export interface Sighting {
  /** From outside: since when its API has not answered, or has told of no work. Neither: something runs there. ms since the epoch. */
  silentSinceMs?: number | undefined;
  idleSinceMs?: number | undefined;
  /** By its agent, if that was heard lately and reaches the API: since when without a gap, and since when nothing runs. */
  agent?: { heardSinceMs: number; idleSinceMs: number | undefined } | undefined;
}

/** So long a cluster may take until its agent is heard: no work can come before, so it is not idle. */
const NO_AGENT_MS = 10 * 60_000;

/**
 * The agent measures and asks; what is seen from outside decides where both are there. Undefined: something runs, or may run.
 * @param activeSinceMs since when the cluster is there.
 */
export function idlenessOf(
  { silentSinceMs, idleSinceMs, agent }: Sighting,
  activeSinceMs: number,
): Idleness | undefined {
  if (silentSinceMs !== undefined) {
    if (agent === undefined) return { sinceMs: silentSinceMs, by: 'silence' };
    return agent.idleSinceMs === undefined ? undefined : { sinceMs: agent.idleSinceMs, by: 'agent' };
  }
  if (idleSinceMs === undefined) return undefined;
  const openSinceMs = openSince(agent) ?? activeSinceMs + NO_AGENT_MS;
  const asked = agent?.idleSinceMs ?? idleSinceMs;
  const by = asked < idleSinceMs ? 'agent' : 'provisioner';
  return { sinceMs: Math.max(Math.min(asked, idleSinceMs), openSinceMs), by };
}

/** Since when an agent is there that could bring work: who has measured idle time was there. Undefined: there is none. */
const openSince = (agent: Sighting['agent']): number | undefined =>
  agent && Math.min(agent.heardSinceMs, agent.idleSinceMs ?? agent.heardSinceMs);

/** Undefined: it stays. @param allocatable what a node of it has for work. */
export function stopDue(
  cluster: ProvisionedCluster,
  idle: Idleness | undefined,
  nowMs: number,
  allocatable: ResourceList | undefined,
): StopStarted | undefined {
  if (idle === undefined || !isOnDemand(cluster) || !isScalable(cluster)) return undefined;
  const afterMs = idleMs(cluster);
  if (nowMs < Math.max(idle.sinceMs, changedMs(cluster)) + afterMs) return undefined;
  const reason = WORDS[idle.by](`for ${String(afterMs / 1_000)} s`);
  return { type: 'StopStarted', reason, ...(allocatable === undefined ? {} : { allocatable }) };
}

const WORDS: Record<Idleness['by'], (howLong: string) => string> = {
  agent: (howLong) => `nothing has run on it ${howLong}, as its agent says`,
  provisioner: (howLong) => `nothing has run on it ${howLong}`,
  silence: (howLong) => `its API has not answered ${howLong}, and SkyFlow has no work there`,
};

/**
 * After no new work could come any more: whether it is stopped.
 * @param replicas that the scheduler has there. @param runs whether its API tells of work; undefined: it does not answer.
 */
export function stopVerdict(replicas: number, runs: boolean | undefined): StopVerdict {
  if (replicas > 0) {
    const came = replicas === 1 ? '1 replica' : `${String(replicas)} replicas`;
    return { type: 'StopAbandoned', reason: `${came} came before it was closed` };
  }
  if (runs === true) return { type: 'StopAbandoned', reason: 'something runs there that SkyFlow did not bring' };
  return { type: 'StopConfirmed' };
}
