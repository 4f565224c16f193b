/**
 * What the mesh controller decides about a service: its primary, its status, that it is gone. Pure; deciding again after the
 * entries were folded gives none.
 */
import { AUTO_CLUSTER, type EntryData } from '@skyflow/contracts';
import { readyCount } from './endpoints.js';
import { serviceStatus } from './service-status.js';
import { type MeshState, type ServiceRecord, isSource } from './state.js';
import { takesPart } from './wanted.js';

export type MeshDecision = {
  [T in 'ServiceStatusDecided' | 'ObjectReleased']: { type: T; data: EntryData<T> };
}['ServiceStatusDecided' | 'ObjectReleased'];

/** At most one decision: the release of a service of which nothing is left, or a status that is not the recorded one. */
export function decideService(state: MeshState, service: ServiceRecord, epoch: number): MeshDecision | undefined {
  if (service.deleting && service.participants.size === 0) {
    return { type: 'ObjectReleased', data: { epoch, ref: service.ref } };
  }
  const choice = choose(state, service);
  const next = typeof choice === 'string' ? { ...service, chosen: choice } : service;
  const waiting = typeof choice === 'string' ? undefined : choice;
  const status = serviceStatus(state, next, waiting);
  if (JSON.stringify(status) === service.status) return undefined;
  return { type: 'ServiceStatusDecided', data: { epoch, ref: service.ref, status: { ...status } } };
}

/**
 * The primary of a service that leaves it to SkyFlow: the cluster with the most ready endpoints once every source that can be
 * seen has reported; of equal ones that with more endpoints, then the first by name. It stays for as long as it is a member.
 */
function choose(state: MeshState, service: ServiceRecord): string | { reason: string; message: string } | undefined {
  if (service.spec.cluster !== AUTO_CLUSTER || service.deleting) return service.chosen;
  if (service.chosen !== undefined && takesPart(state, service, service.chosen)) return service.chosen;
  const seen = [...state.clusters.values()].filter(
    ({ name, health }) => health === 'READY' && isSource(service, name) && takesPart(state, service, name),
  );
  if (seen.length === 0) {
    return { reason: 'NoReadyCluster', message: 'no cluster that it may use is READY' };
  }
  const silent = seen.filter(({ name }) => !service.observed.has(name)).map(({ name }) => name);
  if (silent.length > 0) {
    const message = `waits for ${silent.sort().join(', ')} to report endpoints, to choose a cluster`;
    return { reason: 'ChoosingCluster', message };
  }
  const [best] = seen
    .map(({ name }) => {
      const endpoints = service.observed.get(name)?.endpoints ?? [];
      return { name, ready: readyCount(endpoints), total: endpoints.length };
    })
    .sort((a, b) => b.ready - a.ready || b.total - a.total || (a.name < b.name ? -1 : 1));
  if (best !== undefined && best.ready > 0) return best.name;
  const message = 'no cluster has a ready pod that the selector matches; the one with the most will be chosen';
  return { reason: 'NoEndpoints', message };
}
