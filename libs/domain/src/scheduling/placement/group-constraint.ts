/**
 * A spread constraint over the seats of one division: which group each seat is in, and which scope (group of the outer key) each group
 * is in. Only numbers, so that a division can be tried many times.
 */
import type { SpreadConstraint } from '@skyflow/contracts';

export interface GroupConstraint {
  /** Group by seat; -1: in none. */
  group: Int32Array;
  /** Scope by group. */
  scope: Int32Array;
  scopes: number;
  minGroups: number;
  maxGroups: number;
  maxSkew: number;
  hard: boolean;
  /** Holds inside each group of an outer key. */
  isNested: boolean;
  /** Name by group, by scope, of the constraint and of its key: for messages. */
  names: readonly string[];
  scopeNames: readonly string[];
  title: string;
  topologyKey: string;
}

/** @param groups the value of the key and of the outer key ('' without one), by seat; undefined: it lacks one. */
export function groupConstraint(
  spec: SpreadConstraint,
  title: string,
  groups: readonly ({ value: string; within: string } | undefined)[],
): GroupConstraint {
  const known = new Map<string, number>();
  const scopes = new Map<string, number>();
  const scope: number[] = [];
  const names: string[] = [];
  const group = Int32Array.from(groups, (seat) => {
    if (seat === undefined) return -1;
    const key = JSON.stringify([seat.within, seat.value]);
    let index = known.get(key);
    if (index !== undefined) return index;
    index = known.size;
    known.set(key, index);
    names.push(seat.value);
    let outer = scopes.get(seat.within);
    if (outer === undefined) scopes.set(seat.within, (outer = scopes.size));
    scope.push(outer);
    return index;
  });
  return {
    group,
    scope: Int32Array.from(scope),
    scopes: scopes.size,
    minGroups: spec.minGroups ?? 1,
    maxGroups: spec.maxGroups ?? Number.POSITIVE_INFINITY,
    maxSkew: spec.maxSkew ?? Number.POSITIVE_INFINITY,
    hard: spec.whenUnsatisfiable !== 'ScheduleAnyway',
    isNested: spec.within !== undefined,
    names,
    scopeNames: [...scopes.keys()],
    title,
    topologyKey: spec.topologyKey,
  };
}

/** Replicas by group while a division grows, and whether one more may go to a seat. Replicas never go away. */
export class GroupCounts {
  readonly totals: Float64Array;
  readonly #used: Float64Array;
  /** Groups that count for the skew: those with an open seat. */
  readonly #open: Uint8Array;
  readonly #least: Float64Array;

  constructor(
    readonly constraint: GroupConstraint,
    open: Uint8Array,
    totals: readonly number[],
  ) {
    const { group, scope, scopes } = constraint;
    this.totals = new Float64Array(scope.length);
    this.#open = new Uint8Array(scope.length);
    this.#used = new Float64Array(scopes);
    this.#least = new Float64Array(scopes);
    group.forEach((index, seat) => {
      if (index < 0) return;
      if (open[seat] === 1) this.#open[index] = 1;
      this.totals[index] = (this.totals[index] ?? 0) + (totals[seat] ?? 0);
    });
    scope.forEach((outer, index) => {
      if ((this.totals[index] ?? 0) > 0) this.#used[outer] = (this.#used[outer] ?? 0) + 1;
    });
    for (let outer = 0; outer < scopes; outer++) this.#least[outer] = this.#leastIn(outer);
  }

  /** Why one more replica may not go to a seat; undefined: it may. */
  obstacle(seat: number): 'minGroups' | 'maxGroups' | 'maxSkew' | undefined {
    const { group, scope, minGroups, maxGroups, maxSkew } = this.constraint;
    const index = group[seat] ?? -1;
    if (index < 0) return undefined;
    const outer = scope[index] ?? 0;
    const used = this.#used[outer] ?? 0;
    const total = this.totals[index] ?? 0;
    if (total === 0 && used >= maxGroups) return 'maxGroups';
    if (total > 0 && used < minGroups) return 'minGroups';
    return total + 1 - (this.#least[outer] ?? 0) > maxSkew ? 'maxSkew' : undefined;
  }

  add(seat: number): void {
    const index = this.constraint.group[seat] ?? -1;
    if (index < 0) return;
    const outer = this.constraint.scope[index] ?? 0;
    const before = this.totals[index] ?? 0;
    this.totals[index] = before + 1;
    if (before === 0) this.#used[outer] = (this.#used[outer] ?? 0) + 1;
    if (before === this.#least[outer]) this.#least[outer] = this.#leastIn(outer);
  }

  usedGroups(seat: number): number {
    return this.#used[this.constraint.scope[this.constraint.group[seat] ?? -1] ?? 0] ?? 0;
  }

  /** Groups that minGroups asks for beside those that are used, where any are; and the scope where most lack, with how many it uses. */
  lacking(): { groups: number; used: number; scope: string } {
    const { minGroups, scopeNames } = this.constraint;
    let groups = 0;
    let worst = { used: 0, scope: '' };
    this.#used.forEach((used, scope) => {
      if (used === 0 || used >= minGroups) return;
      if (groups === 0 || used < worst.used) worst = { used, scope: scopeNames[scope] ?? '' };
      groups += minGroups - used;
    });
    return { groups, ...worst };
  }

  /** The open group with the fewest replicas beside this seat. */
  fewest(seat: number): { name: string; replicas: number } {
    const { group, scope, names } = this.constraint;
    const outer = scope[group[seat] ?? -1];
    let name = '';
    let replicas = Number.POSITIVE_INFINITY;
    scope.forEach((each, index) => {
      if (each !== outer || this.#open[index] === 0 || (this.totals[index] ?? 0) >= replicas) return;
      name = names[index] ?? '';
      replicas = this.totals[index] ?? 0;
    });
    return { name, replicas };
  }

  #leastIn(outer: number): number {
    const { scope } = this.constraint;
    let least = Number.POSITIVE_INFINITY;
    for (let index = 0; index < scope.length; index++) {
      if (scope[index] === outer && this.#open[index] === 1) least = Math.min(least, this.totals[index] ?? 0);
    }
    return least;
  }
}
