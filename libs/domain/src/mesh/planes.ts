/** How the primary of a service reaches another cluster's pods, and whom each cluster's gateway has to do with. Pure. */
import { HEADLESS, type GatewayPeer, type Plane } from '@skyflow/contracts';
import { type MeshState, type ServiceRecord, isSource, primaryOf } from './state.js';

/**
 * The plane between a service's primary and one source; undefined: it is not known yet whether both have gateways.
 * Left to SkyFlow, it is the gateway where both clusters have one: pod networks of two clusters overlap more often than not. A headless service
 * tells clients the addresses of pods, which are their own in the flat plane only.
 */
export function planeOf(state: MeshState, { spec }: ServiceRecord, primary: string, source: string): Plane | undefined {
  const { plane = 'auto' } = spec;
  if (plane !== 'auto') return plane;
  if (spec.clusterIP === HEADLESS) return 'flat';
  const [here, there] = [state.clusters.get(primary)?.gateway, state.clusters.get(source)?.gateway];
  if (here === undefined || there === undefined) return undefined;
  return here.address === undefined || there.address === undefined ? 'flat' : 'gateway';
}

/** Clusters whose gateways may reach the pods of a service on one of its sources. */
export function consumersOf(state: MeshState, service: ServiceRecord, source: string): string[] {
  const primary = primaryOf(service);
  if (primary === undefined || primary === source || !isSource(service, source)) return [];
  return planeOf(state, service, primary, source) === 'gateway' ? [primary] : [];
}

/** Peers of a cluster's gateway, sorted: those whose pods its services reach, and those that reach pods here. */
export function peersOf(state: MeshState, cluster: string): GatewayPeer[] {
  const own = state.clusters.get(cluster);
  if (own === undefined || own.deleting) return [];
  const sources = new Set<string>();
  const consumers = new Set<string>();
  for (const service of state.services.values()) {
    const primary = primaryOf(service);
    if (service.deleting || primary === undefined || state.clusters.get(primary)?.deleting !== false) continue;
    if (primary === cluster) {
      for (const source of state.clusters.keys()) {
        if (consumersOf(state, service, source).includes(cluster)) sources.add(source);
      }
    } else if (consumersOf(state, service, cluster).includes(primary)) consumers.add(primary);
  }
  return [...new Set([...sources, ...consumers])].sort().flatMap((peer): GatewayPeer[] => {
    const known = state.clusters.get(peer);
    if (known?.gateway === undefined || known.deleting || known.gateway.authorities.length === 0) return [];
    const { authorities, listening } = known.gateway;
    // Nobody can dial this cluster, so it dials those that want to reach its pods.
    const reverse = consumers.has(peer) && own.gateway?.listening === undefined;
    return [
      {
        cluster: peer,
        authorities: [...authorities],
        addresses: listening === undefined ? [] : [listening],
        ...(reverse ? { reverse } : {}),
      },
    ];
  });
}
