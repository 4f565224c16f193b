/** How the primary of a service reaches another cluster's pods, and whom each cluster's gateway has to do with. Pure. */
import { HEADLESS, type GatewayPeer, type Plane, linkName } from '@skyflow/contracts';
import { admittedEndpoints, missingProof } from './networks.js';
import { type MeshState, type ServiceRecord, isSource, primaryOf } from './state.js';

export interface ChosenPlane {
  plane: Plane;
  /** Who or what decided it, in words. */
  because: string;
}

/**
 * The plane between a service's primary and one source; undefined: it is not known yet whether both have gateways.
 * What the service says goes before what the Link says. Left to SkyFlow, it is the gateway where both clusters have one, as pod networks of
 * two clusters overlap more often than not; but flat where those are disjoint and pods and nodes of both have proved that they reach each other:
 * clients of any service are on nodes, too. A headless service tells clients the addresses of pods, which are their own in the flat plane only, whatever its Link says.
 */
export function chosenPlane(
  state: MeshState,
  { spec, observed }: ServiceRecord,
  primary: string,
  source: string,
): ChosenPlane | undefined {
  const { plane = 'auto' } = spec;
  if (plane !== 'auto') return { plane, because: 'the service asks for it' };
  if (spec.clusterIP === HEADLESS) return { plane: 'flat', because: 'clients of a headless service are told pods' };
  const name = linkName(primary, source);
  const linked = state.links.get(name)?.plane ?? 'auto';
  if (linked !== 'auto') return { plane: linked, because: `link ${name} asks for it` };
  const [here, there] = [state.clusters.get(primary)?.gateway, state.clusters.get(source)?.gateway];
  if (here === undefined || there === undefined) return undefined;
  const without = here.address === undefined ? primary : there.address === undefined ? source : undefined;
  if (without !== undefined) return { plane: 'flat', because: `auto: ${without} has no gateway` };
  const { refusal } = admittedEndpoints(state.clusters.get(source), observed.get(source)?.endpoints ?? []);
  const missing = refusal === undefined ? missingProof(state, primary, source) : { check: 'addresses', ok: false };
  if (missing !== undefined) {
    const said = missing.ok === false ? 'speaks against flat' : 'is not known';
    return { plane: 'gateway', because: `auto: evidence "${missing.check}" ${said}` };
  }
  return { plane: 'flat', because: 'auto: everything that was looked at speaks for it' };
}

export const planeOf = (state: MeshState, service: ServiceRecord, primary: string, source: string): Plane | undefined =>
  chosenPlane(state, service, primary, source)?.plane;

/** Clusters whose gateways may reach the pods of a service on one of its sources. */
export function consumersOf(state: MeshState, service: ServiceRecord, source: string): string[] {
  const primary = consumerOf(state, service, source);
  return primary !== undefined && planeOf(state, service, primary, source) === 'gateway' ? [primary] : [];
}

/** The primary of a service of which a cluster is another one's source. */
function consumerOf(state: MeshState, service: ServiceRecord, source: string): string | undefined {
  const primary = primaryOf(service);
  return primary === source || !isSource(service, source) ? undefined : primary;
}

/**
 * Whether the gateways of two clusters are peers: in the flat plane too, where both have one. Nothing is exported then; but what was carried when
 * the plane changed goes on to its end, which it would not if they were strangers.
 */
function arePeers(state: MeshState, service: ServiceRecord, primary: string, source: string): boolean {
  if (consumerOf(state, service, source) !== primary) return false;
  if (planeOf(state, service, primary, source) === undefined) return false;
  return [primary, source].every((name) => state.clusters.get(name)?.gateway?.address !== undefined);
}

/** Who has to do with whom: worked out once for all services and clusters, and again when the topology has changed. */
interface Relations {
  topology: number;
  /** By cluster: those whose pods its services reach; those whose services reach its pods. */
  sources: Map<string, Set<string>>;
  consumers: Map<string, Set<string>>;
}

const known = new WeakMap<MeshState, Relations>();

function relationsOf(state: MeshState): Relations {
  const before = known.get(state);
  if (before?.topology === state.topology) return before;
  const relations: Relations = { topology: state.topology, sources: new Map(), consumers: new Map() };
  const add = (book: Map<string, Set<string>>, key: string, value: string): void => {
    const there = book.get(key);
    if (there === undefined) book.set(key, new Set([value]));
    else there.add(value);
  };
  for (const service of state.services.values()) {
    const primary = primaryOf(service);
    if (service.deleting || primary === undefined || state.clusters.get(primary)?.deleting !== false) continue;
    for (const source of state.clusters.keys()) {
      if (!arePeers(state, service, primary, source)) continue;
      add(relations.sources, primary, source);
      add(relations.consumers, source, primary);
    }
  }
  known.set(state, relations);
  return relations;
}

/** Peers of a cluster's gateway, sorted: those whose pods its services reach, and those that reach pods here. */
export function peersOf(state: MeshState, cluster: string): GatewayPeer[] {
  const own = state.clusters.get(cluster);
  if (own === undefined || own.deleting) return [];
  const relations = relationsOf(state);
  const sources = relations.sources.get(cluster) ?? new Set();
  const consumers = relations.consumers.get(cluster) ?? new Set();
  return [...new Set([...sources, ...consumers])].sort().flatMap((peer): GatewayPeer[] => {
    const other = state.clusters.get(peer);
    if (other?.gateway === undefined || other.deleting || other.gateway.authorities.length === 0) return [];
    const { authorities, listening } = other.gateway;
    // Where it is known, the agent tries whether it is reached, and says so: nobody may say that yet whom not all can read.
    const inside = state.off.has('FlatPlaneProof') ? undefined : other.gateway.inside;
    // Nobody can dial this cluster, so it dials those that want to reach its pods.
    const reverse = consumers.has(peer) && own.gateway?.listening === undefined;
    return [
      {
        cluster: peer,
        authorities: [...authorities],
        addresses: listening === undefined ? [] : [listening],
        ...(inside === undefined ? {} : { inside }),
        ...(reverse ? { reverse } : {}),
      },
    ];
  });
}
