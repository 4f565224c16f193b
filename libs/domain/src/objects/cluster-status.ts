/** Status of a Cluster: its health, what it can hold, and what is free of it. */
import type {
  ClusterDrainStatus,
  ClusterNodeStatus,
  ClusterSpec,
  ClusterStatus,
  NodeObservation,
  ProvisioningStatus,
  ResourceList,
} from '@skyflow/contracts';
import { isBuiltBySkyFlow } from './built-clusters.js';
import { unreachableMessage } from './cluster-words.js';
import { addResources, subtractResources } from '../resources/resource-list.js';
import { largestPods } from '../capacity/largest-pods.js';
import type { ObjectRecord } from './object-record.js';
import type { ClusterSight } from './objects-state.js';
import { type Liveness, heartbeatsMissingSince, timestamp } from './sightings.js';

/** Of a cluster that SkyFlow builds; undefined: it does not, or has not begun. */
export const provisioningOf = ({ decided }: ObjectRecord): ProvisioningStatus | undefined =>
  decided === '' ? undefined : (JSON.parse(decided) as ProvisioningStatus);

/** What is said of a cluster that is not there, or is being taken down. Undefined: it is as its agent says. */
function provisioningVerdict(record: ObjectRecord, provisioning: ProvisioningStatus | undefined): Verdict | undefined {
  if (!isBuiltBySkyFlow(record)) return undefined;
  const verdict = progressVerdict(record, provisioning);
  if (!isPaused(record)) return verdict;
  const pause = `paused: nothing is begun before skyctl cluster resume ${record.name}`;
  if (record.deletedAt > 0) return { phase: 'DELETING', reason: 'Paused', message: pause };
  if (verdict?.phase !== 'PROVISIONING') return verdict;
  return { ...verdict, reason: 'Paused', message: `${verdict.message ?? ''}; ${pause}` };
}

function isPaused({ body }: ObjectRecord): boolean {
  const { spec } = JSON.parse(body === '' ? '{}' : body) as { spec?: Partial<ClusterSpec> };
  return spec?.provision?.paused === true;
}

function progressVerdict(record: ObjectRecord, provisioning: ProvisioningStatus | undefined): Verdict | undefined {
  if (provisioning === undefined) {
    if (record.deletedAt > 0) return undefined;
    return { phase: 'PROVISIONING', reason: 'Requested', message: 'waiting for the provisioner' };
  }
  const { phase, stage, progress, message, failure } = provisioning;
  if (phase === 'DELETING') return { phase: 'DELETING', reason: stage, message };
  if (record.deletedAt > 0) return undefined;
  if (phase === 'FAILED') {
    const advice = failure === undefined ? '' : `; ${failure.advice}`;
    return {
      phase: 'FAILED',
      reason: `Provisioning${capital(failure?.class ?? 'failed')}`,
      message: `${message}${advice}`,
    };
  }
  if (phase === 'STOPPED' || phase === 'STOPPING') return { phase, reason: stage, message };
  return phase === 'PROVISIONING'
    ? { phase: 'PROVISIONING', reason: capital(stage), message: `${String(progress)} %: ${message}` }
    : undefined;
}

const capital = (word: string): string => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;

type Verdict = Pick<ClusterStatus, 'phase' | 'reason' | 'message'>;

/** What SkyFlow has on a cluster. */
export interface ClusterLoad {
  /** What its unfinished workloads there ask for. */
  requests: ResourceList;
  /** Unfinished workloads there, those that are being removed included. */
  workloads: number;
}

export function clusterStatus(
  record: ObjectRecord,
  sight: ClusterSight | undefined,
  load: ClusterLoad,
  liveness: Liveness,
): ClusterStatus {
  const heartbeat = liveness.lastHeartbeatMs(record.name, record.uid);
  const usage = liveness.nodeUsage?.(record.name, record.uid);
  const provisioning = provisioningOf(record);
  // Of one that is stopped nothing is there any more, whatever its agent said last.
  const observation = provisioning?.phase === 'STOPPED' ? undefined : record.observation;
  const nodes = (observation?.nodes ?? []).map((node) => nodeStatus(node, usage?.requested.get(node.name) ?? {}));
  const others = (observation?.nodes ?? []).filter((node) => node.ready && node.unschedulable !== true);
  const usable = nodes.filter((node) => node.ready && node.unschedulable !== true);
  const allocatable = usable.reduce<ResourceList>((sum, node) => addResources(sum, node.allocatable), {});
  const left = others.reduce<ResourceList>((sum, node) => addResources(sum, nodeStatus(node, {}).free), {});
  const verdict = provisioningVerdict(record, provisioning) ?? verdictOf(record, sight, liveness);
  return {
    ...verdict,
    ...(provisioning === undefined ? {} : { provisioning }),
    ...(observation === undefined ? {} : { kubernetesVersion: observation.kubernetesVersion }),
    allocatable,
    free: within(allocatable, subtractResources(left, load.requests)),
    nodes,
    largestPods: largestPods(nodes),
    ...(usage === undefined ? {} : { usageTime: timestamp(usage.atMs) }),
    ...(heartbeat === undefined ? {} : { lastHeartbeatTime: timestamp(heartbeat) }),
    ...drainStatus(record, load),
    conditions: [
      {
        type: 'Ready',
        status: verdict.phase === 'READY' ? 'True' : verdict.phase === 'UNREACHABLE' ? 'False' : 'Unknown',
        reason: verdict.reason ?? 'Ready',
        message: verdict.message ?? '',
        lastTransitionTime: sight === undefined ? record.creationTimestamp : timestamp(sight.at),
      },
    ],
  };
}

function drainStatus({ body }: ObjectRecord, { requests, workloads }: ClusterLoad): { drain?: ClusterDrainStatus } {
  const { spec } = JSON.parse(body === '' ? '{}' : body) as { spec?: Partial<ClusterSpec> };
  if (spec?.drain === undefined) return {};
  return {
    drain: { phase: workloads === 0 ? 'Drained' : 'Draining', workloads, replicas: requests.pods ?? 0 },
  };
}

function verdictOf(record: ObjectRecord, sight: ClusterSight | undefined, liveness: Liveness): Verdict {
  if (record.deletedAt > 0) {
    return { phase: 'DELETING', reason: 'Deleting', message: 'waiting until its share of every workload is gone' };
  }
  if (sight === undefined) {
    return { phase: 'INIT', reason: 'NoAgent', message: 'no agent of this cluster has reported yet' };
  }
  const silentSince = heartbeatsMissingSince(record.name, record.uid, liveness);
  if (sight.health === 'READY' && silentSince !== undefined) {
    return { phase: 'SUSPECT', reason: 'HeartbeatsMissing', message: `no heartbeat since ${timestamp(silentSince)}` };
  }
  return { phase: sight.health, reason: sight.reason, message: troubleNow(record, sight) };
}

/** Why a cluster cannot be reached may change while it cannot: that is no decision, and what its agent said last is what helps. */
function troubleNow({ observation }: ObjectRecord, { health, message }: ClusterSight): string {
  if (health !== 'UNREACHABLE' || observation?.reachable !== false) return message;
  return observation.message === undefined ? message : unreachableMessage(observation.message);
}

const ZONE = 'topology.kubernetes.io/zone';

/** `own`: what SkyFlow's pods request of it. */
function nodeStatus(node: NodeObservation, own: ResourceList): ClusterNodeStatus {
  const zone = node.labels?.[ZONE];
  const taken = addResources(node.requestedByOthers, own);
  return {
    name: node.name,
    ready: node.ready,
    ...(node.unschedulable === undefined ? {} : { unschedulable: node.unschedulable }),
    allocatable: node.allocatable,
    free: within(node.allocatable, subtractResources(node.allocatable, taken)),
    ...(zone === undefined ? {} : { zone }),
    ...(node.taints === undefined ? {} : { taints: node.taints }),
  };
}

/** Only resources that are there, none below zero. */
function within(allocatable: ResourceList, free: ResourceList): ResourceList {
  return Object.fromEntries(Object.keys(allocatable).map((name) => [name, Math.max(0, free[name] ?? 0)]));
}
