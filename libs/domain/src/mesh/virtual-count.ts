/** How many virtual endpoints the primary's gateway has for the ready pods of a source. */
import { type ServiceRecord, primaryOf } from './state.js';

/** Undefined: they are reached at their own addresses, or nothing was leased yet. */
export function virtualCount(service: ServiceRecord, source: string): number | undefined {
  const primary = primaryOf(service);
  const given = primary === undefined ? undefined : service.participants.get(primary)?.given.get(source);
  if (given?.plane !== 'gateway') return undefined;
  const ready = (service.observed.get(source)?.endpoints ?? []).filter((endpoint) => endpoint.ready);
  const leased = ready.map(({ uid }) => given.leases.get(uid)).filter((leases) => leases !== undefined);
  return new Set(leased.map((leases) => JSON.stringify(leases))).size;
}
