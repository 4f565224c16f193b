/**
 * The arithmetic of a rolling update (pkg/controller/deployment rolling.go and util): how far new and old replica sets may
 * move so that never more than replicas + maxSurge pods exist and never fewer than replicas - maxUnavailable are available.
 */
import type { IntOrString } from '../model/condition.js';
import type { ReplicaSet } from '../model/workloads.js';

export interface RolloutBounds {
  maxSurge: number;
  maxUnavailable: number;
}

/** Resolves percentages: surge rounds up, unavailable down; both zero would never move, so unavailable becomes 1. */
export function rolloutBounds(
  strategy: { maxSurge?: IntOrString; maxUnavailable?: IntOrString } | undefined,
  replicas: number,
): RolloutBounds {
  const maxSurge = resolve(strategy?.maxSurge ?? '25%', replicas, Math.ceil);
  const maxUnavailable = Math.min(resolve(strategy?.maxUnavailable ?? '25%', replicas, Math.floor), replicas);
  return maxSurge === 0 && maxUnavailable === 0 ? { maxSurge, maxUnavailable: 1 } : { maxSurge, maxUnavailable };
}

function resolve(value: IntOrString, total: number, round: (x: number) => number): number {
  if (typeof value === 'number') return value;
  const percent = /^(\d+)%$/.exec(value)?.[1];
  return percent === undefined ? Number(value) || 0 : round((Number(percent) * total) / 100);
}

export const sizeOf = (set: ReplicaSet): number => set.spec.replicas ?? 1;
export const availableOf = (set: ReplicaSet): number => set.status?.availableReplicas ?? 0;

const total = (sets: readonly ReplicaSet[], of: (set: ReplicaSet) => number): number =>
  sets.reduce((sum, set) => sum + of(set), 0);

/** How large the new set may be now: up to the surge limit, never shrunk below what it has unless it has too many. */
export function newSetSize(
  replicas: number,
  bounds: RolloutBounds,
  newSet: ReplicaSet,
  oldSets: readonly ReplicaSet[],
): number {
  const size = sizeOf(newSet);
  if (size >= replicas) return replicas;
  const room = replicas + bounds.maxSurge - size - total(oldSets, sizeOf);
  return room <= 0 ? size : Math.min(size + room, replicas);
}

/**
 * Sizes of the old sets now, by set: first drops pods that are not healthy, then healthy ones as far as availability allows.
 * Oldest sets shrink first.
 */
export function oldSetSizes(
  replicas: number,
  bounds: RolloutBounds,
  newSet: ReplicaSet,
  oldSets: readonly ReplicaSet[],
): Map<ReplicaSet, number> {
  const sizes = new Map(oldSets.map((set) => [set, sizeOf(set)]));
  const all = sizeOf(newSet) + total(oldSets, sizeOf);
  const minAvailable = replicas - bounds.maxUnavailable;
  const newUnavailable = Math.max(0, sizeOf(newSet) - availableOf(newSet));
  let removable = all - minAvailable - newUnavailable;
  if (removable <= 0) return sizes;

  for (const set of oldSets) {
    const unhealthy = Math.min(removable, Math.max(0, sizeOf(set) - availableOf(set)));
    sizes.set(set, sizeOf(set) - unhealthy);
    removable -= unhealthy;
  }
  let spare = total([newSet, ...oldSets], availableOf) - minAvailable;
  for (const set of oldSets) {
    const size = sizes.get(set) ?? 0;
    const drop = Math.min(size, Math.max(0, spare), Math.max(0, removable));
    sizes.set(set, size - drop);
    spare -= drop;
    removable -= drop;
  }
  return sizes;
}

/**
 * Proportional scaling: when replicas changes in the middle of a rollout (or while paused) every active set takes its share
 * (largest first, remainder to the first), so that the ratio of versions stays.
 */
export function proportionalSizes(sets: readonly ReplicaSet[], allowed: number): Map<ReplicaSet, number> {
  const current = total(sets, sizeOf);
  const sizes = new Map(sets.map((set) => [set, sizeOf(set)]));
  let toAdd = allowed - current;
  if (toAdd === 0 || current === 0) return sizes;
  const ordered = [...sets].sort((a, b) => sizeOf(b) - sizeOf(a));
  for (const set of ordered) {
    const share = Math.round((sizeOf(set) * allowed) / current) - sizeOf(set);
    const step = toAdd > 0 ? Math.min(Math.max(share, 0), toAdd) : Math.max(Math.min(share, 0), toAdd);
    sizes.set(set, sizeOf(set) + step);
    toAdd -= step;
  }
  const largest = ordered[0];
  if (largest !== undefined) sizes.set(largest, Math.max(0, (sizes.get(largest) ?? 0) + toAdd));
  return sizes;
}
