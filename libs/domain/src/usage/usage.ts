/**
 * What workloads held of clusters over time: replicas × what each asks for × how long, by user, namespace and cluster. Held is what
 * placement counts with: the replicas that the last decision put on a cluster, and those that stay there until others are ready, from
 * the decision on until they have finished, left or were deleted. The user is who created the workload, whoever changed it later.
 *
 * Folded from the entries of the log with the times at which they were stored. Amounts are summed as whole numbers, so that the sums
 * over users, namespaces and clusters are equal to the last unit.
 */
import type { Entry } from '@skyflow/contracts';
import { evolveObjects } from '../objects/evolve-objects.js';
import type { ObjectRecord } from '../objects/object-record.js';
import { shareRequests } from '../objects/object-writes.js';
import type { EntryPlace, ObjectsState } from '../objects/objects-state.js';

export const usageSubjects = ['user', 'namespace', 'cluster'] as const;
/** Of whom it is told. */
export type UsageSubject = (typeof usageSubjects)[number];

/** By resource, in its base unit × milliseconds: millicores, bytes, pieces; `pods` are replicas. */
export type AmountsUsed = ReadonlyMap<string, bigint>;

/** What one user held of one cluster in one namespace. */
interface Account extends Readonly<Record<UsageSubject, string>> {
  readonly held: Map<string, bigint>;
  readonly used: Map<string, bigint>;
  /** Until when `used` is counted, ms since the epoch. */
  untilMs: number;
}

export interface UsageState {
  readonly objects: ObjectsState;
  /** Never goes back, though clocks may. ms since the epoch. */
  atMs: number;
  readonly accounts: Map<string, Account>;
}

/** What was used between two times. */
export type PeriodUsage = readonly (Readonly<Record<UsageSubject, string>> & { readonly used: AmountsUsed })[];

/** Begins to count at a time, with what is held then. The objects are the caller's no more. */
export function beginUsage(objects: ObjectsState, fromMs: number): UsageState {
  const state: UsageState = { objects, atMs: fromMs, accounts: new Map() };
  for (const kind of ['Job', 'Deployment']) for (const record of objects.table.ordered(kind)) hold(state, record, 1n);
  return state;
}

/** Folds one entry that was stored at `atMs`. Changes `state`. */
export function evolveUsage(state: UsageState, entry: Entry, place: EntryPlace, atMs: number): void {
  const { objects } = state;
  state.atMs = Math.max(state.atMs, atMs);
  objects.changes = [];
  evolveObjects(objects, entry, place);
  for (const { type, record, previous } of objects.changes) {
    if (type === 'MODIFIED' && previous?.workload === record.workload) continue;
    if (previous !== undefined) hold(state, previous, -1n);
    if (type !== 'DELETED') hold(state, record, 1n);
  }
  objects.changes = undefined;
}

/** What was used since the last period was closed, until `atMs`, from which the next one counts. Changes `state`. */
export function closePeriod(state: UsageState, atMs: number): PeriodUsage {
  state.atMs = Math.max(state.atMs, atMs);
  const period: PeriodUsage[number][] = [];
  for (const [key, account] of state.accounts) {
    settle(account, state.atMs);
    const { user, namespace, cluster, used, held } = account;
    if (used.size > 0) period.push({ user, namespace, cluster, used: new Map(used) });
    used.clear();
    if (held.size === 0) state.accounts.delete(key);
  }
  return period;
}

/** Summed up by one of the three, in the order of their names. */
export function usageBy(period: PeriodUsage, subject: UsageSubject): ReadonlyMap<string, AmountsUsed> {
  const sums = new Map<string, Map<string, bigint>>();
  for (const { used, ...account } of period) {
    const name = account[subject];
    const sum = sums.get(name) ?? new Map<string, bigint>();
    sums.set(name, sum);
    for (const [resource, amount] of used) add(sum, resource, amount);
  }
  return new Map([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Adds what a workload holds from now on, or takes it away. */
function hold(state: UsageState, record: ObjectRecord, sign: 1n | -1n): void {
  const { workload, namespace } = record;
  for (const share of workload?.shares ?? []) {
    const pods = shareRequests(record, share);
    if (workload === undefined || pods === 0) continue;
    const account = accountOf(state, { user: workload.createdBy, namespace, cluster: share.cluster });
    settle(account, state.atMs);
    const requests = { ...workload.facts.requests, pods: 1 };
    for (const [resource, amount] of Object.entries(requests)) {
      add(account.held, resource, BigInt(amount) * BigInt(pods) * sign);
    }
  }
}

function accountOf({ accounts, atMs }: UsageState, of: Record<UsageSubject, string>): Account {
  const key = `${of.user}\n${of.namespace}\n${of.cluster}`;
  let account = accounts.get(key);
  if (account === undefined) accounts.set(key, (account = { ...of, held: new Map(), used: new Map(), untilMs: atMs }));
  return account;
}

function settle(account: Account, atMs: number): void {
  const lasted = BigInt(atMs - account.untilMs);
  if (lasted <= 0n) return;
  for (const [resource, amount] of account.held) add(account.used, resource, amount * lasted);
  account.untilMs = atMs;
}

/** Nothing that is zero is kept. */
function add(amounts: Map<string, bigint>, resource: string, amount: bigint): void {
  const sum = (amounts.get(resource) ?? 0n) + amount;
  if (sum === 0n) amounts.delete(resource);
  else amounts.set(resource, sum);
}
