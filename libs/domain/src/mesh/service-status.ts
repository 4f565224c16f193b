/**
 * What is said of a service. Only what was proved is called READY: the native Service is there, and connections reach at least
 * one ready pod. What an agent that cannot be heard said last is shown with its age and never counts as ready.
 */
import {
  AUTO_CLUSTER,
  type Endpoint,
  type LinkEvidence,
  type ServiceClusterStatus,
  type ServiceEndpoint,
  type ServiceStatus,
} from '@skyflow/contracts';
import { timestamp } from '../objects/sightings.js';
import { readyCount } from './endpoints.js';
import { admittedEndpoints, networkEvidence, nodeEvidence, reachEvidence } from './networks.js';
import { chosenPlane } from './planes.js';
import { readyCondition, serviceConditions, type Verdict } from './service-conditions.js';
import { limited, sharesOf, spreadQuotas } from './spread.js';
import { type MeshState, type ServiceRecord, isSource, primaryOf } from './state.js';
import { virtualCount } from './virtual-count.js';
import { takesPart } from './wanted.js';

/** Endpoints listed in a status; counts are of all. */
const LISTED_ENDPOINTS = 100;

/** @param primary cluster of the native Service, as decided; undefined: none yet, for the reason of `waiting`. */
export function serviceStatus(
  state: MeshState,
  service: ServiceRecord,
  waiting: { reason: string; message: string } | undefined,
): ServiceStatus {
  const primary = primaryOf(service);
  const parts = [...new Set([...(primary === undefined ? [] : [primary]), ...state.clusters.keys()])]
    .filter((cluster) => takesPart(state, service, cluster))
    .sort((a, b) => Number(b === primary) - Number(a === primary) || (a < b ? -1 : 1))
    .map((cluster) => clusterStatus(state, service, cluster, primary));
  const quotas = quotasOf(state, service, parts);
  const shares = sharesOf(weightsOf(service, parts, quotas));
  const clusters = parts.map((part) => {
    const share = shares.get(part.cluster);
    return share === undefined ? part : { ...part, share };
  });
  const native = service.native?.cluster === primary ? service.native : undefined;
  const ready = clusters.filter(isUsed).reduce((sum, each) => sum + each.ready, 0);
  const verdict = verdictOf(state, service, { waiting, primary, clusters, ready });
  const status: ServiceStatus = {
    ...verdict,
    observedGeneration: service.generation,
    ...(primary === undefined ? {} : { cluster: primary }),
    ...(service.spec.cluster !== AUTO_CLUSTER || service.chosenBecause === undefined
      ? {}
      : { chosenBecause: service.chosenBecause }),
    ...(native?.clusterIP === undefined ? {} : { clusterIP: native.clusterIP }),
    ...(native?.ipFamilies === undefined ? {} : { ipFamilies: [...native.ipFamilies] }),
    ...(native === undefined || native.externalIPs.length === 0 ? {} : { externalIPs: [...native.externalIPs] }),
    ready,
    total: clusters.reduce((sum, each) => sum + each.total, 0),
    clusters,
    endpoints: endpointsOf(state, service, clusters, quotas),
    conditions: [],
  };
  return { ...status, conditions: [readyCondition(verdict, service), ...serviceConditions(service, clusters, quotas)] };
}

/** Of sources whose endpoints are reached: how many take connections. */
function quotasOf(
  state: MeshState,
  service: ServiceRecord,
  clusters: readonly ServiceClusterStatus[],
): Map<string, number> {
  const local = clusters.find(({ primary }) => primary)?.ready ?? 0;
  const others = clusters.filter((each) => !each.primary && isUsed(each));
  return spreadQuotas(
    service.spec,
    local,
    new Map(others.map((each) => [each.cluster, readyCount(takers(state, service, each))])),
  );
}

/** The endpoints of a cluster, of which those are not ready that may not be given connections: by their address, or as they do not answer. */
function takers(
  state: MeshState,
  service: ServiceRecord,
  { cluster, primary, plane }: ServiceClusterStatus,
): Endpoint[] {
  const endpoints = service.observed.get(cluster)?.endpoints ?? [];
  if (primary) return [...endpoints];
  const failing = new Set(service.paths.get(cluster)?.failing);
  const admitted = plane === 'flat' ? admittedEndpoints(state.clusters.get(cluster), endpoints).endpoints : endpoints;
  return endpoints.map((each) =>
    failing.has(each.uid) || !admitted.includes(each) ? { ...each, ready: false } : each,
  );
}

/** Endpoints that each cluster has among those that are balanced over: pods that share a port count once. */
function weightsOf(
  service: ServiceRecord,
  clusters: readonly ServiceClusterStatus[],
  quotas: ReadonlyMap<string, number>,
): Map<string, number> {
  return new Map(
    clusters.filter(isUsed).map(({ cluster, primary, ready }) => {
      const virtual = virtualCount(service, cluster);
      return [cluster, primary ? ready : Math.min(quotas.get(cluster) ?? 0, virtual ?? ready)];
    }),
  );
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
  const chosen = isPrimary || primary === undefined ? undefined : chosenPlane(state, service, primary, cluster);
  const isCarried =
    chosen?.plane !== 'gateway' || service.spec.ports.some(({ protocol = 'TCP' }) => protocol === 'TCP');
  return {
    cluster,
    primary: isPrimary,
    ready: isSource(service, cluster) || isPrimary ? readyCount(seen?.endpoints ?? []) : 0,
    total: seen?.endpoints.length ?? 0,
    // Of a way that is never gone there is nothing to be tried, and a Link is not the worse for it.
    ...(isPrimary || seen === undefined || seen.endpoints.length === 0 || !isCarried
      ? {}
      : {
          path: {
            state: path?.state ?? 'UNKNOWN',
            message: path?.message ?? 'not tried yet',
            since: timestamp(path?.since ?? seen.at),
          },
        }),
    ...(chosen === undefined ? {} : { plane: chosen.plane, planeBecause: chosen.because }),
    ...(isPrimary || primary === undefined || seen === undefined || seen.endpoints.length === 0
      ? {}
      : { evidence: evidenceOf(state, primary, cluster, seen.endpoints) }),
    ...(isCarried ? {} : NOT_CARRIED),
    ...unseen(state, cluster),
    ...(seen === undefined ? {} : { observedAt: timestamp(seen.at) }),
  };
}

const NOT_CARRIED = {
  reason: 'GatewayCarriesTCP',
  message:
    'gateways carry TCP, and no port of the service is; with plane flat its pods are reached, where pod networks reach each other',
};

function evidenceOf(
  state: MeshState,
  primary: string,
  cluster: string,
  endpoints: readonly Endpoint[],
): LinkEvidence[] {
  const { refusal } = admittedEndpoints(state.clusters.get(cluster), endpoints);
  return [
    networkEvidence(state, primary, cluster),
    ...reachEvidence(state, primary, cluster),
    ...nodeEvidence(state, primary, cluster),
    refusal === undefined
      ? { check: 'addresses', ok: true, message: `all pods are in the networks of ${cluster}` }
      : { check: 'addresses', ok: false, message: refusal },
  ];
}

function unseen(state: MeshState, cluster: string): { reason?: string; message?: string } {
  const known = state.clusters.get(cluster);
  if (known === undefined) return {};
  if (known.health === 'READY') return known.gateway?.settling === true ? notReported(cluster) : {};
  const since = timestamp(known.healthSince);
  return {
    reason: 'ClusterNotSeen',
    message: `${cluster} is ${known.health} since ${since}; the numbers are its last`,
  };
}

const notReported = (cluster: string): { reason: string; message: string } => ({
  reason: 'NotReported',
  message: `the agent of ${cluster} was stopped or started anew, and has not said since what is there; addresses and numbers are its last`,
});

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
  if (known.gateway?.settling === true) return { phase: 'UNKNOWN', ...notReported(primary) };
  const native = service.native?.cluster === primary ? service.native : undefined;
  if (native?.reason !== undefined) {
    return { phase: 'FAILED', reason: native.reason, message: native.message ?? native.reason };
  }
  const isMade = native !== undefined && (native.clusterIP !== undefined || service.spec.type === 'ExternalName');
  if (!isMade || native.generation < service.generation) {
    return { phase: 'PENDING', reason: 'Creating', message: `the Service is being made on ${primary}` };
  }
  if (service.spec.type === 'ExternalName') return { phase: 'READY' };
  return reachVerdict(clusters, ready);
}

function reachVerdict(clusters: readonly ServiceClusterStatus[], ready: number): Verdict {
  const troubled = clusters.filter((each) => each.total > 0 && !isUsed(each));
  const words = troubled.map(({ cluster, message, reason, path }) =>
    reason === NOT_CARRIED.reason
      ? `${cluster}: ${NOT_CARRIED.message}`
      : (message ?? `${cluster}: ${path?.message ?? ''}`),
  );
  if (ready === 0) {
    return words.length === 0
      ? { phase: 'PENDING', reason: 'NoEndpoints', message: 'no pod that the selector matches is ready' }
      : { phase: 'DEGRADED', reason: 'NotReached', message: words.join('; ') };
  }
  if (troubled.length === 0) return { phase: 'READY' };
  const waits = troubled.every(({ path, reason }) => reason === undefined && path?.state === 'UNKNOWN');
  return { phase: 'DEGRADED', reason: waits ? 'PathNotTried' : 'NotReached', message: words.join('; ') };
}

function endpointsOf(
  state: MeshState,
  service: ServiceRecord,
  clusters: readonly ServiceClusterStatus[],
  quotas: ReadonlyMap<string, number>,
): ServiceEndpoint[] {
  const all = clusters.flatMap((each) => {
    const endpoints = service.observed.get(each.cluster)?.endpoints ?? [];
    const quota = each.primary ? endpoints.length : (quotas.get(each.cluster) ?? 0);
    const used = limited(takers(state, service, each), isUsed(each) ? quota : 0, service.ref.uid);
    return endpoints.map(({ address, ports, pod, ready }, at) => ({
      cluster: each.cluster,
      address,
      ports,
      pod,
      ready,
      used: used[at]?.ready === true,
    }));
  });
  return all.slice(0, LISTED_ENDPOINTS);
}
