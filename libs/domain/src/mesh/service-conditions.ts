/** Conditions of a service: whether it serves, and what about it is not as somebody might take for granted. Pure. */
import { HEADLESS, type Condition, type ServiceClusterStatus, type ServiceStatus } from '@skyflow/contracts';
import { timestamp } from '../objects/sightings.js';
import { DEFAULT_MIN_READY } from './spread.js';
import type { ServiceRecord } from './state.js';
import { virtualCount } from './virtual-count.js';

/** The state of a service in one word, and why. */
export interface Verdict {
  phase: ServiceStatus['phase'];
  reason?: string;
  message?: string;
}

type Finding = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

export function readyCondition({ phase, reason, message }: Verdict, service: ServiceRecord): Condition {
  const status = phase === 'READY' || phase === 'DEGRADED' ? 'True' : phase === 'UNKNOWN' ? 'Unknown' : 'False';
  return dated(service, {
    type: 'Ready',
    status,
    reason: reason ?? 'Serving',
    message: message ?? (service.spec.type === 'ExternalName' ? 'the name is there' : 'connections reach ready pods'),
  });
}

/** @param quotas by source that is reached: how many of its endpoints take connections. */
export function serviceConditions(
  service: ServiceRecord,
  clusters: readonly ServiceClusterStatus[],
  quotas: ReadonlyMap<string, number>,
): Condition[] {
  const remote = clusters.filter(({ primary, total }) => !primary && total > 0);
  return [
    weightCondition(service, clusters, remote),
    standByCondition(service, clusters, quotas),
    localPolicyCondition(service, remote),
    protocolCondition(service, remote),
    addressCondition(remote),
    failingCondition(service, remote),
    familyCondition(service, remote),
  ].flatMap((finding) => (finding === undefined ? [] : [dated(service, finding)]));
}

/** Shares are not what `spread` says, as endpoints are what can be counted out. */
function weightCondition(
  service: ServiceRecord,
  clusters: readonly ServiceClusterStatus[],
  remote: readonly ServiceClusterStatus[],
): Finding | undefined {
  const { spread = 'pods' } = service.spec;
  const told = clusters.flatMap(({ cluster, share }) => (share === undefined ? [] : [`${cluster} ${share} %`]));
  const uneven = new Set(clusters.flatMap(({ share }) => (share === undefined || share === 0 ? [] : [share]))).size > 1;
  const shared = remote.filter(({ cluster, ready }) => (virtualCount(service, cluster) ?? ready) < ready);
  if (spread === 'clusters' ? !uneven : shared.length === 0) return undefined;
  const why =
    spread === 'clusters'
      ? 'a cluster weighs as its endpoints do, and some have fewer than there are local ones'
      : `pods of ${shared.map(({ cluster }) => cluster).join(', ')} share ports of the gateway`;
  return {
    type: 'WeightApproximate',
    status: 'True',
    reason: spread === 'clusters' ? 'FewEndpoints' : 'SharedPorts',
    message: `${why}; shares are ${told.join(', ')}`,
  };
}

function standByCondition(
  { spec }: ServiceRecord,
  clusters: readonly ServiceClusterStatus[],
  quotas: ReadonlyMap<string, number>,
): Finding | undefined {
  if (spec.spread !== 'local-first') return undefined;
  const { minReady = DEFAULT_MIN_READY } = spec.localFirst ?? {};
  const local = clusters.find(({ primary }) => primary);
  const used = [...quotas.values()].reduce((sum, each) => sum + each, 0);
  const counts = `${local?.ready ?? 0} ready pods on ${local?.cluster ?? 'its cluster'}, the minimum is ${minReady}`;
  return used === 0
    ? { type: 'LocalOnly', status: 'True', reason: 'MinimumMet', message: `${counts}: pods of other clusters stand by` }
    : {
        type: 'LocalOnly',
        status: 'False',
        reason: 'BelowMinimum',
        message: `${counts}: ${used} pods of other clusters help`,
      };
}

/** kube-proxy takes for local only what names its node, which no pod of another cluster does. */
function localPolicyCondition({ spec }: ServiceRecord, remote: readonly ServiceClusterStatus[]): Finding | undefined {
  const fields = (['internalTrafficPolicy', 'externalTrafficPolicy'] as const).filter(
    (field) => spec[field] === 'Local',
  );
  if (fields.length === 0 || remote.length === 0) return undefined;
  const names = remote.map(({ cluster }) => cluster).join(', ');
  return {
    type: 'RemoteIgnored',
    status: 'True',
    reason: 'LocalTrafficPolicy',
    message: `${fields.join(' and ')} Local leaves out pods of ${names}; set it to Cluster to have them`,
  };
}

function protocolCondition({ spec }: ServiceRecord, remote: readonly ServiceClusterStatus[]): Finding | undefined {
  const ports = spec.ports.filter(({ protocol = 'TCP' }) => protocol !== 'TCP');
  const through = remote.filter(({ plane }) => plane === 'gateway').map(({ cluster }) => cluster);
  if (ports.length === 0 || through.length === 0) return undefined;
  const words = ports.map(({ port, protocol }) => `${port}/${protocol ?? ''}`).join(', ');
  return {
    type: 'ProtocolNotCarried',
    status: 'True',
    reason: 'GatewayCarriesTCP',
    message: `gateways carry TCP: pods of ${through.join(', ')} are not behind ${words}; with plane flat they are, where pod networks reach each other`,
  };
}

function addressCondition(remote: readonly ServiceClusterStatus[]): Finding | undefined {
  const refused = remote
    .filter(({ plane }) => plane === 'flat')
    .flatMap(({ evidence = [] }) => evidence.filter(({ check, ok }) => check === 'addresses' && ok === false));
  if (refused.length === 0) return undefined;
  const message = refused.map((each) => each.message).join('; ');
  return { type: 'AddressesRefused', status: 'True', reason: 'NotInDeclaredNetworks', message };
}

/** Ready by what their cluster says, and not reached from here though others there are. */
function failingCondition(
  { paths, observed }: ServiceRecord,
  remote: readonly ServiceClusterStatus[],
): Finding | undefined {
  const words = remote.flatMap(({ cluster, path }) => {
    const failing = new Set(path?.state === 'UP' ? paths.get(cluster)?.failing : []);
    return (observed.get(cluster)?.endpoints ?? []).flatMap(({ uid, pod }) =>
      failing.has(uid) ? [`${pod} on ${cluster}`] : [],
    );
  });
  if (words.length === 0) return undefined;
  const message = `${words.join(', ')} did not answer several times and take no connections until they do`;
  return { type: 'EndpointsFailing', status: 'True', reason: 'NoAnswer', message };
}

function familyCondition(service: ServiceRecord, remote: readonly ServiceClusterStatus[]): Finding | undefined {
  const { spec, native } = service;
  const { ipFamilyPolicy = 'SingleStack' } = spec;
  if (ipFamilyPolicy === 'SingleStack' || native?.ipFamilies === undefined) return undefined;
  if (native.ipFamilies.length < 2) {
    const message = `${native.cluster} has ${native.ipFamilies.join(', ') || 'one family'} only: the service is single-stack there`;
    return { type: 'DualStack', status: 'False', reason: 'ClusterSingleStack', message };
  }
  const through = remote.filter(({ plane }) => plane === 'gateway').map(({ cluster }) => cluster);
  if (through.length > 0 && spec.clusterIP !== HEADLESS) {
    const message = `the gateway has one address: pods of ${through.join(', ')} are behind one family; with plane flat behind both`;
    return { type: 'DualStack', status: 'False', reason: 'GatewaySingleStack', message };
  }
  return { type: 'DualStack', status: 'True', reason: 'BothFamilies', message: native.ipFamilies.join(', ') };
}

/** With the time of its last change: of the newest thing that it was concluded from, the making of the service at least. */
function dated(service: ServiceRecord, finding: Finding): Condition {
  const before = conditionBefore(service, finding.type);
  // NaN where it is none.
  const madeAt = Date.parse(service.object.metadata.creationTimestamp) || 0;
  const at = Math.max(madeAt, service.native?.at ?? 0, ...[...service.observed.values()].map((each) => each.at));
  const since = before?.status === finding.status ? before.lastTransitionTime : timestamp(at);
  return { ...finding, lastTransitionTime: since };
}

function conditionBefore({ status }: ServiceRecord, type: string): Condition | undefined {
  if (status === '') return undefined;
  return (JSON.parse(status) as ServiceStatus).conditions.find((each) => each.type === type);
}
