/**
 * How connections of a service are shared between the pods of its own cluster and those of others. kube-proxy weighs all endpoints alike,
 * and the local ones are the cluster's own, so what can be chosen is how many endpoints of each other cluster take connections. Pure.
 */
import type { Endpoint, ServiceSpec } from '@skyflow/contracts';
import { fingerprint } from '../native/fingerprint.js';

export type SpreadTerms = Pick<ServiceSpec, 'spread' | 'localFirst'>;

export const DEFAULT_MIN_READY = 1;
export const DEFAULT_RAMP_SECONDS = 30;

/**
 * By source, how many of its ready endpoints take new connections.
 *
 * `pods`: all. `clusters`: as many as there are local ones, so that each cluster weighs as the local one; without local ones as many as
 * the smallest source has. `local-first`: none while the minimum is met; then as many as are missing to it, so that the load of what is missing
 * goes elsewhere and no more; without any local one, all.
 * @param local ready endpoints of the service's own cluster. @param ready by source, those that are reached.
 */
export function spreadQuotas(
  { spread = 'pods', localFirst = {} }: SpreadTerms,
  local: number,
  ready: ReadonlyMap<string, number>,
): Map<string, number> {
  if (spread === 'pods') return new Map(ready);
  if (spread === 'clusters') {
    const some = [...ready.values()].filter((count) => count > 0);
    const each = local > 0 ? local : Math.min(...some);
    return new Map([...ready].map(([source, count]) => [source, Math.min(count, each)]));
  }
  const { minReady = DEFAULT_MIN_READY } = localFirst;
  if (local === 0) return new Map(ready);
  return inProportion(Math.max(0, minReady - local), ready);
}

/** A quota on its way to a smaller one. */
export interface Ramp {
  quota: number;
  /** Since when it falls, and by steps that were taken, ms; undefined: it does not. */
  fallingSinceMs: number | undefined;
}

/**
 * The quota now: more at once, as somebody is without a pod; less one endpoint after the other, so that local pods that have just
 * become ready are not given everything at once.
 * @param ready endpoints of the source: all would be let go within the ramp. @returns also when to look again, ms; undefined: it is there.
 */
export function rampedQuota(
  before: Ramp | undefined,
  wanted: number,
  { ready, rampSeconds, nowMs }: { ready: number; rampSeconds: number; nowMs: number },
): Ramp & { againMs: number | undefined } {
  if (before === undefined || wanted >= before.quota || rampSeconds === 0) {
    return { quota: wanted, fallingSinceMs: undefined, againMs: undefined };
  }
  const stepMs = (rampSeconds * 1000) / Math.max(1, ready);
  const since = before.fallingSinceMs ?? nowMs;
  const steps = Math.floor((nowMs - since) / stepMs);
  const quota = Math.max(wanted, before.quota - steps);
  if (quota === wanted) return { quota, fallingSinceMs: undefined, againMs: undefined };
  const fallingSinceMs = since + steps * stepMs;
  return { quota, fallingSinceMs, againMs: fallingSinceMs + stepMs - nowMs };
}

/** The same endpoints, of which `quota` ready ones stay ready: always the same ones, and others on every service. */
export function limited<E extends Endpoint>(endpoints: readonly E[], quota: number, service: string): E[] {
  const ready = endpoints.filter((endpoint) => endpoint.ready);
  if (ready.length <= quota) return [...endpoints];
  const taken = new Set(
    ready
      .map(({ uid }) => ({ uid, rank: fingerprint(`${service} ${uid}`) }))
      .sort((a, b) => (a.rank < b.rank ? -1 : 1))
      .slice(0, quota)
      .map(({ uid }) => uid),
  );
  return endpoints.map((endpoint) => (taken.has(endpoint.uid) ? endpoint : { ...endpoint, ready: false }));
}

/** What each cluster gets of new connections, in per cent with one decimal; nothing at all: no entry. */
export function sharesOf(weights: ReadonlyMap<string, number>): Map<string, number> {
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return new Map();
  return new Map([...weights].map(([cluster, weight]) => [cluster, Math.round((1000 * weight) / total) / 10]));
}

/** `amount` of what there is, from each source in proportion; what does not divide goes to those with the largest remainder. */
function inProportion(amount: number, ready: ReadonlyMap<string, number>): Map<string, number> {
  const total = [...ready.values()].reduce((sum, count) => sum + count, 0);
  if (amount >= total) return new Map(ready);
  const parts = [...ready].map(([source, count]) => {
    const exact = (amount * count) / total;
    return { source, quota: Math.floor(exact), remainder: exact - Math.floor(exact) };
  });
  const left = amount - parts.reduce((sum, { quota }) => sum + quota, 0);
  const first = [...parts].sort((a, b) => b.remainder - a.remainder || (a.source < b.source ? -1 : 1)).slice(0, left);
  return new Map(parts.map((part) => [part.source, part.quota + (first.includes(part) ? 1 : 0)]));
}
