/** Which clusters take part in a service and what each must be told: a pure function of what is known. */
import type { AssignedEndpoint, EntryData, Plane } from '@skyflow/contracts';
import { givenHash } from './evolve.js';
import { type PodLeases, leaseEndpoints } from './leases.js';
import { toldObject } from './mcs/derived-services.js';
import { admittedEndpoints } from './networks.js';
import { consumersOf, peersOf, planeOf } from './planes.js';
import { type Given, type MeshState, type ServiceRecord, isSource, primaryOf } from './state.js';

type MeshWorkType = 'ServiceAssigned' | 'EndpointsAssigned' | 'PeersAssigned' | 'ServiceWithdrawn';
/** An entry for the work subject of a cluster. */
export type MeshWork = { [T in MeshWorkType]: { type: T; data: EntryData<T> } }[MeshWorkType];

/** What leases of ports depend on besides the state. */
export interface LeaseTerms {
  nowMs: number;
  /** Ports of the cluster's gateway that were promised by what is written in the same commit. */
  taken: Set<number>;
}

/** By cluster, what its work subject lacks about a service; in the order in which it is to be written. */
export function missingWork(
  state: MeshState,
  service: ServiceRecord,
  epoch: number,
  termsOf: (cluster: string) => LeaseTerms,
): Map<string, MeshWork[]> {
  const work = new Map<string, MeshWork[]>();
  for (const cluster of new Set([...state.clusters.keys(), ...service.participants.keys()])) {
    const lacking = [
      ...peerWork(state, cluster, epoch),
      ...(takesPart(state, service, cluster)
        ? assignments(state, service, cluster, epoch, termsOf)
        : withdrawal(service, cluster, epoch)),
    ];
    if (lacking.length > 0) work.set(cluster, lacking);
  }
  return work;
}

/** The primary, and every source that stays. */
export function takesPart(state: MeshState, service: ServiceRecord, cluster: string): boolean {
  const known = state.clusters.get(cluster);
  if (service.deleting || known === undefined || known.deleting) return false;
  return cluster === primaryOf(service) || isSource(service, cluster);
}

interface Remote {
  plane: Plane;
  endpoints: readonly AssignedEndpoint[];
}

/** Endpoints of other clusters that the primary is to add, by source. What a cluster that cannot be seen said last is held. */
function remoteEndpoints(
  state: MeshState,
  service: ServiceRecord,
  given: ReadonlyMap<string, Given>,
  terms: LeaseTerms,
): Map<string, Remote> {
  const primary = primaryOf(service);
  const ports = primary === undefined ? undefined : state.clusters.get(primary)?.ports;
  const remote = new Map<string, Remote>();
  if (primary === undefined || ports === undefined) return remote;
  for (const [cluster, { endpoints }] of service.observed) {
    if (cluster === primary || !isSource(service, cluster) || !takesPart(state, service, cluster)) continue;
    const plane = planeOf(state, service, primary, cluster);
    if (plane === undefined) continue;
    const had = given.get(cluster)?.leases ?? new Map<string, PodLeases>();
    const told =
      plane === 'flat'
        ? admittedEndpoints(state.clusters.get(cluster), endpoints).endpoints
        : leaseEndpoints(endpoints, had, ports, terms);
    if (told.length > 0) remote.set(cluster, { plane, endpoints: told });
  }
  return remote;
}

function peerWork(state: MeshState, cluster: string, epoch: number): MeshWork[] {
  const known = state.clusters.get(cluster);
  const peers = peersOf(state, cluster);
  if (known === undefined || known.deleting || JSON.stringify(peers) === known.peers) return [];
  return [{ type: 'PeersAssigned', data: { epoch, peers } }];
}

function assignments(
  state: MeshState,
  service: ServiceRecord,
  cluster: string,
  epoch: number,
  termsOf: (cluster: string) => LeaseTerms,
): MeshWork[] {
  const primary = cluster === primaryOf(service);
  const consumers = consumersOf(state, service, cluster);
  const part = service.participants.get(cluster);
  const isTold =
    part?.withdrawing === false &&
    part.primary === primary &&
    part.generation === service.generation &&
    JSON.stringify(part.consumers) === JSON.stringify(consumers);
  const told = {
    epoch,
    object: toldObject(service, cluster),
    primary,
    ...(consumers.length === 0 ? {} : { consumers }),
  };
  const work: MeshWork[] = isTold ? [] : [{ type: 'ServiceAssigned', data: told }];
  if (!primary) return work;
  const given = part?.primary === true && !part.withdrawing ? part.given : new Map<string, Given>();
  const remote = remoteEndpoints(state, service, given, termsOf(cluster));
  const give = (source: string, { plane, endpoints }: Remote): void => {
    const data = { epoch, ref: service.ref, source, plane, endpoints: [...endpoints] };
    work.push({ type: 'EndpointsAssigned', data });
  };
  for (const [source, each] of remote) {
    if (given.get(source)?.hash !== givenHash(each.plane, each.endpoints)) give(source, each);
  }
  for (const [source, { plane }] of given) if (!remote.has(source)) give(source, { plane, endpoints: [] });
  return work;
}

function withdrawal(service: ServiceRecord, cluster: string, epoch: number): MeshWork[] {
  const part = service.participants.get(cluster);
  if (part === undefined || part.withdrawing) return [];
  return [{ type: 'ServiceWithdrawn', data: { epoch, ref: service.ref } }];
}
