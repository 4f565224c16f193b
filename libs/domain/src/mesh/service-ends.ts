/** How a service ends in the fold, and who has to look at one again. */
import { relet } from './leases.js';
import type { MeshState, Participation, ServiceRecord } from './state.js';

/** Something about it may have to be decided or told. */
export function touch(state: MeshState, service: ServiceRecord): void {
  state.due.add(service.ref.uid);
  if (service.derived !== undefined) state.dueExports.add(service.derived.key);
}

/** The ports that a cluster's gateway had for a service are free, and in quarantine. */
export function giveBack(state: MeshState, cluster: string, part: Participation | undefined, at: number): void {
  const ports = state.clusters.get(cluster)?.ports;
  if (part === undefined || ports === undefined) return;
  for (const { leases } of part.given.values()) relet(ports, leases.values(), [], at);
  part.given = new Map();
}

export function drop(state: MeshState, service: ServiceRecord, at: number): void {
  for (const [cluster, part] of service.participants) giveBack(state, cluster, part, at);
  state.services.delete(service.ref.uid);
  state.topology += 1;
  state.due.delete(service.ref.uid);
  if (service.derived !== undefined) state.dueExports.add(service.derived.key);
}

/** A service by which a cluster imported has no object that would be released: it is gone when nothing of it is left. */
export function dropIfOver(state: MeshState, service: ServiceRecord, at: number): void {
  if (service.derived !== undefined && service.deleting && service.participants.size === 0) drop(state, service, at);
}
