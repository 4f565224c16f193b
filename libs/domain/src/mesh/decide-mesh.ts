/**
 * What the mesh controller decides about a service: its primary, its status, that it is gone. Pure; deciding again after the
 * entries were folded gives none.
 */
import { AUTO_CLUSTER, type EntryData } from '@skyflow/contracts';
import { readyCount } from './endpoints.js';
import { serviceStatus } from './service-status.js';
import { type MeshState, type ServiceRecord, isSource } from './state.js';
import { takesPart } from './wanted.js';

type DecisionType = 'ServiceStatusDecided' | 'ObjectReleased' | 'ServiceImportDecided';
export type MeshDecision = { [T in DecisionType]: { type: T; data: EntryData<T> } }[DecisionType];

/** At most one decision: the release of a service of which nothing is left, or a status that is not the recorded one. */
export function decideService(state: MeshState, service: ServiceRecord, epoch: number): MeshDecision | undefined {
  // What is to be said of those by which clusters import is said of the import.
  if (service.derived !== undefined) return undefined;
  if (service.deleting && service.participants.size === 0) {
    return { type: 'ObjectReleased', data: { epoch, ref: service.ref } };
  }
  const choice = choose(state, service);
  const next =
    choice !== undefined && 'cluster' in choice
      ? { ...service, chosen: choice.cluster, chosenBecause: choice.because }
      : service;
  const waiting = choice === undefined || 'cluster' in choice ? undefined : choice;
  const status = serviceStatus(state, next, waiting);
  if (JSON.stringify(status) === service.status) return undefined;
  return { type: 'ServiceStatusDecided', data: { epoch, ref: service.ref, status: { ...status } } };
}

interface Choice {
  cluster: string;
  because: string | undefined;
}

interface Waiting {
  reason: string;
  message: string;
}

/** Clusters whose numbers are told with the choice. */
const COUNTS_TOLD = 5;

/**
 * The primary of a service that leaves it to SkyFlow: the cluster with the most ready endpoints once every source that can be
 * seen has reported; of equal ones that with more endpoints, then the first by name. It stays for as long as it is a member.
 */
function choose(state: MeshState, service: ServiceRecord): Choice | Waiting | undefined {
  const { spec, chosen, chosenBecause } = service;
  if (spec.cluster !== AUTO_CLUSTER) return undefined;
  const stays = chosen !== undefined && (service.deleting || takesPart(state, service, chosen));
  if (stays) return { cluster: chosen, because: chosenBecause };
  if (service.deleting) return undefined;
  const isExternal = spec.type === 'ExternalName';
  const seen = [...state.clusters.values()]
    .filter(({ name, health, deleting }) => health === 'READY' && !deleting && (isExternal || isSource(service, name)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const [first] = seen;
  if (first === undefined) {
    return { reason: 'NoReadyCluster', message: 'no cluster that it may use is READY' };
  }
  if (isExternal) {
    return { cluster: first.name, because: 'an external name has no pods; this is the first READY cluster by name' };
  }
  const silent = seen.filter(({ name }) => !service.observed.has(name)).map(({ name }) => name);
  if (silent.length > 0) {
    const message = `waits for ${silent.sort().join(', ')} to report endpoints, to choose a cluster`;
    return { reason: 'ChoosingCluster', message };
  }
  const ranked = seen
    .map(({ name }) => {
      const endpoints = service.observed.get(name)?.endpoints ?? [];
      return { name, ready: readyCount(endpoints), total: endpoints.length };
    })
    .sort((a, b) => b.ready - a.ready || b.total - a.total || (a.name < b.name ? -1 : 1));
  const [best] = ranked;
  if (best !== undefined && best.ready > 0) {
    const counts = ranked.slice(0, COUNTS_TOLD).map(({ name, ready }) => `${name} ${ready}`);
    const more = ranked.length > COUNTS_TOLD ? `, and ${ranked.length - COUNTS_TOLD} clusters with no more` : '';
    return { cluster: best.name, because: `most ready pods: ${counts.join(', ')}${more}` };
  }
  const message = 'no cluster has a ready pod that the selector matches; the one with the most will be chosen';
  return { reason: 'NoEndpoints', message };
}
