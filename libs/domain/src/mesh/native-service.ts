/**
 * The native objects of a service on its primary cluster: one Service, and EndpointSlices for the pods of other clusters.
 * kube-proxy merges all slices that carry the service's name, whoever manages them, so a remote pod weighs as a local one;
 * the built-in controller touches only slices that it manages itself.
 */
import {
  ANNOTATION_GENERATION,
  type AssignedEndpoint,
  type Endpoint,
  HEADLESS,
  LABEL_MANAGED_BY,
  MANAGED_BY,
  type ServiceSpec,
  type StoredObject,
} from '@skyflow/contracts';
import type { NativeObject } from '../native/native-object.js';
import { fingerprint } from '../native/fingerprint.js';
import { sortEndpoints } from './endpoints.js';
import type { DesiredService } from './desired.js';

export const LABEL_SERVICE_UID = 'skyflow.io/service-uid';
const LABEL_SERVICE_NAME = 'kubernetes.io/service-name';
const LABEL_SLICE_MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
/** Of every slice that SkyFlow writes; the built-in controller leaves other managers' slices alone. */
export const SLICE_MANAGER = 'mesh.skyflow.io';
/** KEP-1645. */
export const LABEL_SOURCE_CLUSTER = 'multicluster.kubernetes.io/source-cluster';
/** As the built-in controller marks slices of headless services, for DNS servers and kube-proxy. */
const LABEL_HEADLESS = 'service.kubernetes.io/headless';
export const LABEL_MCS_SERVICE = 'multicluster.kubernetes.io/service-name';
/** As the built-in controller has it. */
const ENDPOINTS_PER_SLICE = 100;
const LONGEST_NAME_PART = 40;

export function nativeService({ object }: DesiredService): NativeObject {
  const spec = object['spec'] as ServiceSpec;
  const { name, namespace, uid, labels, annotations, generation = 1 } = object.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...labels, [LABEL_MANAGED_BY]: MANAGED_BY, [LABEL_SERVICE_UID]: uid },
      annotations: { ...annotations, [ANNOTATION_GENERATION]: String(generation) },
    },
    spec: nativeSpec(spec),
  };
}

/** Fields that the native Service has as they are. */
const AS_THEY_ARE = [
  'clusterIP',
  'externalName',
  'ipFamilies',
  'ipFamilyPolicy',
  'internalTrafficPolicy',
  'externalTrafficPolicy',
  'sessionAffinityConfig',
] as const;

function nativeSpec(spec: ServiceSpec): Record<string, unknown> {
  const { type, selector, ports, sessionAffinity = 'None' } = spec;
  const same = Object.fromEntries(
    AS_THEY_ARE.flatMap((field) => (spec[field] === undefined ? [] : [[field, spec[field]]])),
  );
  // An external name has no pods: a selector would give it endpoints that nobody uses.
  if (type === 'ExternalName') return { type, ...same, sessionAffinity };
  return {
    type,
    // Without one the built-in controllers leave its endpoints to us.
    ...(Object.keys(selector).length === 0 ? {} : { selector }),
    ports: ports.map((port) => ({
      ...port,
      protocol: port.protocol ?? 'TCP',
      targetPort: port.targetPort ?? port.port,
    })),
    ...same,
    sessionAffinity,
  };
}

/** Identity of the native Service, which owns the slices: they go with it even when nobody of SkyFlow is there. */
export interface ServiceOwner {
  name: string;
  uid: string;
}

/**
 * The slices of one source cluster. Endpoints with the same ports share slices, at most 100 each; names follow from what is in
 * them, so that the same endpoints always give the same slices.
 *
 * Neither nodeName (a node of the same name here is another node) nor hints; all three conditions.
 * @param usable whether the endpoints may take connections; if not, they are there but not ready.
 * @param families of the native Service: pods that have both get a slice of each. Absent: the first address of each.
 */
export function nativeSlices(
  { object }: Pick<DesiredService, 'object'>,
  source: string,
  endpoints: readonly Endpoint[],
  owner: ServiceOwner,
  usable: boolean,
  families?: readonly string[],
): NativeObject[] {
  const byPorts = new Map<string, Endpoint[]>();
  for (const endpoint of sortEndpoints(endpoints.flatMap((each) => inFamilies(each, families)))) {
    const key = JSON.stringify([addressType(endpoint.address), endpoint.ports]);
    byPorts.set(key, [...(byPorts.get(key) ?? []), endpoint]);
  }
  return [...byPorts].flatMap(([key, alike]) =>
    [...inSlices(alike)].map(([at, part]) =>
      slice(object, source, part, owner, usable, `${fingerprint(`${source} ${key}`).slice(0, 10)}-${at}`),
    ),
  );
}

/**
 * Endpoints by the number of their slice. Each has its place by what it is, not by who else is there: one that comes or goes changes its own
 * slice and no other, so that there are as few writes as there are changes. Twice as many slices where one would be too full.
 */
function inSlices(endpoints: readonly Endpoint[]): Map<number, Endpoint[]> {
  const ranked = endpoints.map((endpoint) => ({
    endpoint,
    rank: Number.parseInt(fingerprint(`${endpoint.uid} ${endpoint.address}`).slice(0, 8), 16),
  }));
  for (let count = 1; ; count *= 2) {
    const slices = new Map<number, Endpoint[]>();
    for (const { endpoint, rank } of ranked) {
      const at = rank % count;
      const there = slices.get(at);
      if (there === undefined) slices.set(at, [endpoint]);
      else there.push(endpoint);
    }
    const isTooFull = [...slices.values()].some(({ length }) => length > ENDPOINTS_PER_SLICE);
    // Those that no number tells apart are cut as they come.
    if (!isTooFull) return slices;
    if (count > ranked.length) return cut(endpoints);
  }
}

const cut = (endpoints: readonly Endpoint[]): Map<number, Endpoint[]> =>
  new Map(
    Array.from({ length: Math.ceil(endpoints.length / ENDPOINTS_PER_SLICE) }, (_, at) => [
      at,
      endpoints.slice(at * ENDPOINTS_PER_SLICE, (at + 1) * ENDPOINTS_PER_SLICE),
    ]),
  );

/**
 * The endpoints of another cluster as virtual endpoints of this one's gateway. Pods that share one are ready when any of them is.
 * @param address of the gateway. @param failed ports that it cannot listen on.
 */
export function virtualEndpoints(
  endpoints: readonly AssignedEndpoint[],
  address: string,
  failed: ReadonlySet<number>,
): Endpoint[] {
  const byPorts = new Map<string, Endpoint>();
  for (const { leases = [], otherAddress: _other, ...endpoint } of endpoints) {
    if (leases.length === 0) continue;
    const ports = leases.map(({ name, port }) => ({ name, port, protocol: 'TCP' }));
    const works = !leases.some(({ port }) => failed.has(port));
    const there = byPorts.get(JSON.stringify(ports));
    byPorts.set(JSON.stringify(ports), {
      ...endpoint,
      address,
      ports,
      ready: works && (endpoint.ready || there?.ready === true),
      serving: works && (endpoint.serving || there?.serving === true),
      terminating: endpoint.terminating && there?.terminating !== false,
    });
  }
  return [...byPorts.values()];
}

/** Addresses that no endpoint of a service may have anywhere: unspecified, link-local, multicast (CVE-2021-25737). */
export const isForbiddenAddress = (address: string): boolean =>
  /^(0\.|169\.254\.|22[4-9]\.|23\d\.|255\.)/.test(address) || /^(::$|fe[89ab]|ff)/i.test(address);

/** One endpoint per family; of those that the Service has not there are none. */
function inFamilies<E extends Endpoint>(endpoint: E, families: readonly string[] | undefined): E[] {
  const { otherAddress, ...first } = endpoint;
  if (families === undefined) return [first as E];
  const both = [first, ...(otherAddress === undefined ? [] : [{ ...first, address: otherAddress }])] as E[];
  return both.filter(({ address }) => families.includes(addressType(address)));
}

export const addressType = (address: string): 'IPv4' | 'IPv6' => (address.includes(':') ? 'IPv6' : 'IPv4');

function slice(
  object: StoredObject,
  source: string,
  endpoints: readonly Endpoint[],
  owner: ServiceOwner,
  usable: boolean,
  suffix: string,
): NativeObject {
  const { metadata } = object;
  const [first] = endpoints;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `sky-${metadata.name.slice(0, LONGEST_NAME_PART)}-${suffix}`,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      labels: {
        [LABEL_MANAGED_BY]: MANAGED_BY,
        [LABEL_SERVICE_UID]: metadata.uid,
        [LABEL_SERVICE_NAME]: metadata.name,
        [LABEL_SLICE_MANAGED_BY]: SLICE_MANAGER,
        [LABEL_MCS_SERVICE]: metadata.labels?.[LABEL_MCS_SERVICE] ?? metadata.name,
        [LABEL_SOURCE_CLUSTER]: source,
        ...((object['spec'] as ServiceSpec | undefined)?.clusterIP === HEADLESS ? { [LABEL_HEADLESS]: '' } : {}),
      },
      ownerReferences: [
        {
          apiVersion: 'v1',
          kind: 'Service',
          name: owner.name,
          uid: owner.uid,
          controller: false,
          blockOwnerDeletion: true,
        },
      ],
    },
    addressType: addressType(first?.address ?? ''),
    endpoints: endpoints.map(({ address, ready, serving, terminating }) => ({
      addresses: [address],
      conditions: { ready: usable && ready, serving: usable && serving, terminating },
    })),
    ports: first?.ports ?? [],
  } as NativeObject;
}
