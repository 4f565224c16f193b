/**
 * What is said of a service. Only what was proved is called READY: the native Service is there, and connections reach at least
 * one ready pod. What an agent that cannot be heard said last is shown with its age and never counts as ready.
 */
import type { Condition, ServiceClusterStatus, ServiceEndpoint, ServiceStatus } from '@skyflow/contracts';
import { timestamp } from '../objects/sightings.js';
import { readyCount } from './endpoints.js';
import { planeOf } from './planes.js';
import { type MeshState, type ServiceRecord, isSource, primaryOf } from './state.js';
import { takesPart } from './wanted.js';

/** Endpoints listed in a status; counts are of all. */
const LISTED_ENDPOINTS = 100;

interface Verdict {
  phase: ServiceStatus['phase'];
  reason?: string;
  message?: string;
}

/** @param primary cluster of the native Service, as decided; undefined: none yet, for the reason of `waiting`. */
export function serviceStatus(
  state: MeshState,
  service: ServiceRecord,
  waiting: { reason: string; message: string } | undefined,
): ServiceStatus {
  const primary = primaryOf(service);
  const clusters = [...new Set([...(primary === undefined ? [] : [primary]), ...state.clusters.keys()])]
    .filter((cluster) => takesPart(state, service, cluster))
    .sort((a, b) => Number(b === primary) - Number(a === primary) || (a < b ? -1 : 1))
    .map((cluster) => clusterStatus(state, service, cluster, primary));
  const native = service.native?.cluster === primary ? service.native : undefined;
  const ready = clusters.filter(isUsed).reduce((sum, each) => sum + each.ready, 0);
  const verdict = verdictOf(state, service, { waiting, primary, clusters, ready });
  const status: ServiceStatus = {
    ...verdict,
    observedGeneration: service.generation,
    ...(primary === undefined ? {} : { cluster: primary }),
    ...(native?.clusterIP === undefined ? {} : { clusterIP: native.clusterIP }),
    ...(native === undefined || native.externalIPs.length === 0 ? {} : { externalIPs: [...native.externalIPs] }),
    ready,
    total: clusters.reduce((sum, each) => sum + each.total, 0),
    clusters,
    endpoints: endpointsOf(service, clusters),
    conditions: [],
  };
  return { ...status, conditions: [readyCondition(verdict, service)] };
}

function clusterStatus(
  state: MeshState,
  service: ServiceRecord,
  cluster: string,
  primary: string | undefined,
): ServiceClusterStatus {
  const seen = service.observed.get(cluster);
  const path = service.paths.get(cluster);
  const isPrimary = cluster === primary;
  const plane = isPrimary || primary === undefined ? undefined : planeOf(state, service, primary, cluster);
  return {
    cluster,
    primary: isPrimary,
    ready: isSource(service, cluster) || isPrimary ? readyCount(seen?.endpoints ?? []) : 0,
    total: seen?.endpoints.length ?? 0,
    ...(isPrimary || seen === undefined || seen.endpoints.length === 0
      ? {}
      : {
          path: {
            state: path?.state ?? 'UNKNOWN',
            message: path?.message ?? 'not tried yet',
            since: timestamp(path?.since ?? seen.at),
          },
        }),
    ...(plane === undefined ? {} : { plane }),
    ...unseen(state, cluster),
    ...(seen === undefined ? {} : { observedAt: timestamp(seen.at) }),
  };
}

function unseen(state: MeshState, cluster: string): { reason?: string; message?: string } {
  const known = state.clusters.get(cluster);
  if (known === undefined || known.health === 'READY') return {};
  const since = timestamp(known.healthSince);
  return {
    reason: 'ClusterNotSeen',
    message: `${cluster} is ${known.health} since ${since}; the numbers are its last`,
  };
}

/** Whether connections go to its ready endpoints, as far as that is proved. */
const isUsed = ({ primary, path, reason }: ServiceClusterStatus): boolean =>
  reason === undefined && (primary || path?.state === 'UP');

interface Facts {
  waiting: { reason: string; message: string } | undefined;
  primary: string | undefined;
  clusters: readonly ServiceClusterStatus[];
  ready: number;
}

function verdictOf(state: MeshState, service: ServiceRecord, { waiting, primary, clusters, ready }: Facts): Verdict {
  if (service.deleting) {
    const left = [...service.participants.keys()].sort().join(', ');
    return { phase: 'DELETING', reason: 'Deleting', message: `waits for ${left} to remove what was made` };
  }
  if (primary === undefined) return { phase: 'PENDING', ...waiting };
  const known = state.clusters.get(primary);
  if (known === undefined || known.deleting) {
    const message = `there is no cluster "${primary}"${known === undefined ? '' : ' any more'}; name another in spec.cluster`;
    return { phase: 'PENDING', reason: 'ClusterNotFound', message };
  }
  if (known.health === 'INIT') {
    return { phase: 'PENDING', reason: 'ClusterNotReady', message: `${primary} has not reported yet` };
  }
  if (known.health !== 'READY') {
    const message = `${primary} is ${known.health} since ${timestamp(known.healthSince)}`;
    return { phase: 'UNKNOWN', reason: 'ClusterNotSeen', message };
  }
  const native = service.native?.cluster === primary ? service.native : undefined;
  if (native?.reason !== undefined) {
    return { phase: 'FAILED', reason: native.reason, message: native.message ?? native.reason };
  }
  if (native?.clusterIP === undefined || native.generation < service.generation) {
    return { phase: 'PENDING', reason: 'Creating', message: `the Service is being made on ${primary}` };
  }
  return reachVerdict(clusters, ready);
}

function reachVerdict(clusters: readonly ServiceClusterStatus[], ready: number): Verdict {
  const troubled = clusters.filter((each) => each.total > 0 && !isUsed(each));
  const words = troubled.map(({ cluster, message, path }) => message ?? `${cluster}: ${path?.message ?? ''}`);
  if (ready === 0) {
    return words.length === 0
      ? { phase: 'PENDING', reason: 'NoEndpoints', message: 'no pod that the selector matches is ready' }
      : { phase: 'DEGRADED', reason: 'NotReached', message: words.join('; ') };
  }
  if (troubled.length === 0) return { phase: 'READY' };
  const waits = troubled.every(({ path, reason }) => reason === undefined && path?.state === 'UNKNOWN');
  return { phase: 'DEGRADED', reason: waits ? 'PathNotTried' : 'NotReached', message: words.join('; ') };
}

function endpointsOf(service: ServiceRecord, clusters: readonly ServiceClusterStatus[]): ServiceEndpoint[] {
  const all = clusters.flatMap((each) =>
    (service.observed.get(each.cluster)?.endpoints ?? []).map(({ address, ports, pod, ready }) => ({
      cluster: each.cluster,
      address,
      ports,
      pod,
      ready,
      used: ready && isUsed(each),
    })),
  );
  return all.slice(0, LISTED_ENDPOINTS);
}

function readyCondition({ phase, reason, message }: Verdict, service: ServiceRecord): Condition {
  const before = readCondition(service);
  const status = phase === 'READY' || phase === 'DEGRADED' ? 'True' : phase === 'UNKNOWN' ? 'Unknown' : 'False';
  const at = Math.max(0, service.native?.at ?? 0, ...[...service.observed.values()].map((each) => each.at));
  return {
    type: 'Ready',
    status,
    reason: reason ?? 'Serving',
    message: message ?? 'connections reach ready pods',
    lastTransitionTime: before?.status === status ? before.lastTransitionTime : timestamp(at),
  };
}

function readCondition({ status }: ServiceRecord): Condition | undefined {
  if (status === '') return undefined;
  return (JSON.parse(status) as ServiceStatus).conditions.find(({ type }) => type === 'Ready');
}
