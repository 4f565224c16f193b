/**
 * What kube-proxy would do about a service, as data: which ports listen and which endpoints they balance over.
 * Every EndpointSlice that carries the service's name counts, whoever manages it, and an address and port counts once
 * (pkg/proxy/endpointslicecache.go). Endpoints that end serve only when nothing else does (pkg/proxy/topology.go, KEP-1669).
 */
import type { KubeObject } from '@skyflow/contracts';
import type { Service, ServicePort } from '../model/workloads.js';

/** One listening port of a service. */
export interface ProxyRule {
  /** Name of the service port; '' for the only one. */
  port: string;
  address: string;
  number: number;
  /** `<address>:<port>`, sorted. */
  endpoints: readonly string[];
  /** sessionAffinity ClientIP: a client stays with its endpoint for this long after its last connection. */
  affinityMs?: number;
}

interface SlicePort {
  name?: string;
  port?: number;
  protocol?: string;
}

interface SliceEndpoint {
  addresses?: string[];
  conditions?: { ready?: boolean; serving?: boolean; terminating?: boolean };
}

/** An object of discovery.k8s.io/v1, as far as a proxy looks at it. */
export interface EndpointSlice extends KubeObject {
  addressType?: string;
  endpoints?: SliceEndpoint[] | null;
  ports?: SlicePort[] | null;
}

export const LABEL_SERVICE_NAME = 'kubernetes.io/service-name';
const DEFAULT_AFFINITY_SECONDS = 10_800;

/**
 * The rules of a service: its cluster IP, and its node ports on `nodeAddress`. TCP only; headless and ExternalName services
 * have none.
 */
export function proxyRules(service: Service, slices: readonly EndpointSlice[], nodeAddress: string): ProxyRule[] {
  const { spec } = service;
  const { clusterIP = '' } = spec;
  if (spec.type === 'ExternalName' || clusterIP === '' || clusterIP === 'None') return [];
  const affinityMs = affinityOf(service);
  return (spec.ports ?? []).flatMap((port) => {
    if ((port.protocol ?? 'TCP') !== 'TCP') return [];
    const common = {
      port: port.name ?? '',
      endpoints: endpointsOf(port, slices),
      ...(affinityMs === undefined ? {} : { affinityMs }),
    };
    const rules: ProxyRule[] = [{ ...common, address: clusterIP, number: port.port }];
    if (port.nodePort !== undefined) rules.push({ ...common, address: nodeAddress, number: port.nodePort });
    return rules;
  });
}

function endpointsOf(port: ServicePort, slices: readonly EndpointSlice[]): string[] {
  const ready = new Set<string>();
  const ending = new Set<string>();
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue;
    const number = slice.ports?.find((each) => joins(port, each))?.port;
    if (number === undefined) continue;
    for (const { addresses = [], conditions = {} } of slice.endpoints ?? []) {
      const isReady = conditions.ready ?? true;
      const isEnding = (conditions.terminating ?? false) && (conditions.serving ?? isReady);
      const [address] = addresses;
      if (address === undefined) continue;
      if (isReady) ready.add(`${address}:${number}`);
      else if (isEnding) ending.add(`${address}:${number}`);
    }
  }
  return [...(ready.size > 0 ? ready : ending)].sort();
}

const joins = (port: ServicePort, slicePort: SlicePort): boolean =>
  (slicePort.name ?? '') === (port.name ?? '') && (slicePort.protocol ?? 'TCP') === (port.protocol ?? 'TCP');

function affinityOf({ spec }: Service): number | undefined {
  if (spec['sessionAffinity'] !== 'ClientIP') return undefined;
  const config = spec['sessionAffinityConfig'] as { clientIP?: { timeoutSeconds?: number } } | undefined;
  return (config?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY_SECONDS) * 1000;
}
