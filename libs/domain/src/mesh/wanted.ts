/** Which clusters take part in a service and what each must be told: a pure function of what is known. */
import type { Endpoint, EntryData } from '@skyflow/contracts';
import { type MeshState, type ServiceRecord, isSource, primaryOf } from './state.js';

/** An entry for the work subject of a cluster. */
export type MeshWork = {
  [T in 'ServiceAssigned' | 'EndpointsAssigned' | 'ServiceWithdrawn']: { type: T; data: EntryData<T> };
}['ServiceAssigned' | 'EndpointsAssigned' | 'ServiceWithdrawn'];

/** By cluster, what its work subject lacks about a service; in the order in which it is to be written. */
export function missingWork(state: MeshState, service: ServiceRecord, epoch: number): Map<string, MeshWork[]> {
  const work = new Map<string, MeshWork[]>();
  for (const cluster of new Set([...state.clusters.keys(), ...service.participants.keys()])) {
    const lacking = takesPart(state, service, cluster)
      ? assignments(state, service, cluster, epoch)
      : withdrawal(service, cluster, epoch);
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

/** Endpoints of other clusters that the primary is to add, by source. What a cluster that cannot be seen said last is held. */
export function remoteEndpoints(state: MeshState, service: ServiceRecord): Map<string, readonly Endpoint[]> {
  const primary = primaryOf(service);
  const remote = new Map<string, readonly Endpoint[]>();
  for (const [cluster, { endpoints }] of service.observed) {
    if (cluster === primary || !isSource(service, cluster) || !takesPart(state, service, cluster)) continue;
    if (endpoints.length > 0) remote.set(cluster, endpoints);
  }
  return remote;
}

function assignments(state: MeshState, service: ServiceRecord, cluster: string, epoch: number): MeshWork[] {
  const primary = cluster === primaryOf(service);
  const part = service.participants.get(cluster);
  const isTold = part?.withdrawing === false && part.primary === primary && part.generation === service.generation;
  const work: MeshWork[] = isTold
    ? []
    : [{ type: 'ServiceAssigned', data: { epoch, object: service.object, primary } }];
  if (!primary) return work;
  const given = part?.primary === true && !part.withdrawing ? part.given : new Map<string, string>();
  const remote = remoteEndpoints(state, service);
  const give = (source: string, endpoints: readonly Endpoint[]): void => {
    work.push({ type: 'EndpointsAssigned', data: { epoch, ref: service.ref, source, endpoints: [...endpoints] } });
  };
  for (const [source, endpoints] of remote) {
    if (given.get(source) !== service.observed.get(source)?.hash) give(source, endpoints);
  }
  for (const source of given.keys()) if (!remote.has(source)) give(source, []);
  return work;
}

function withdrawal(service: ServiceRecord, cluster: string, epoch: number): MeshWork[] {
  const part = service.participants.get(cluster);
  if (part === undefined || part.withdrawing) return [];
  return [{ type: 'ServiceWithdrawn', data: { epoch, ref: service.ref } }];
}
