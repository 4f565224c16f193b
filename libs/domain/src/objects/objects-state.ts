/**
 * The read model of the whole log: every API object with what was decided about and seen of it.
 * Changed in place by evolve-objects.ts only; the records in it are immutable, so a reader may keep them.
 */
import type { ClusterHealth, Position, ResourceList, WorkloadKind } from '@skyflow/contracts';
import { BoundedCache, Interner } from './bounded-cache.js';
import { OwnedObjects } from './garbage/owned-objects.js';
import type { IdempotencyRing } from './idempotency.js';
import type { ObjectRecord, WorkloadFacts } from './object-record.js';
import { ObjectTable } from './object-table.js';
import { QueueBook } from './queue-book.js';
import { UsageBook } from './quotas/usage-book.js';

/** What was last decided about the health of a cluster. */
export interface ClusterSight {
  readonly uid: string;
  readonly health: ClusterHealth;
  readonly reason: string;
  readonly message: string;
  /** Since when, ms since the epoch. */
  readonly at: number;
  readonly position: Position;
}

/** By cluster name. */
export type ClusterSights = ReadonlyMap<string, ClusterSight>;

/** One event of a watch, not yet made into an API object. */
export interface ObjectChange {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly position: Position;
  readonly record: ObjectRecord;
  /** The record before; undefined for ADDED. */
  readonly previous: ObjectRecord | undefined;
  /** Health of clusters at that position. */
  readonly sights: ClusterSights;
}

/** Where an entry stands in the log. */
export interface EntryPlace {
  readonly position: Position;
  readonly subject: string;
}

export interface ObjectsState {
  readonly table: ObjectTable;
  /** Position of the last entry folded. */
  position: Position;
  sights: Map<string, ClusterSight>;
  /** What SkyFlow's placed and unfinished workloads ask for, by cluster; base units. */
  readonly placed: Map<string, ResourceList>;
  /** Workloads of which something unfinished is on a cluster, what is being removed included; by cluster. */
  readonly tenants: Map<string, number>;
  /** Who is owned by whom. */
  readonly owned: OwnedObjects;
  /** Who waits in which queue, and what the workloads of each hold. */
  readonly queues: QueueBook;
  /** What the workloads of each namespace ask for. */
  readonly usage: UsageBook;
  /** Highest epoch seen, by subject of the decider. */
  readonly epochs: Map<string, number>;
  readonly idempotency: IdempotencyRing;
  /** Collects changes for watches while it is set; whoever set it drains it. */
  changes: ObjectChange[] | undefined;
  /** Caches; they influence nothing but memory and speed. */
  readonly texts: Interner;
  readonly facts: Readonly<Record<WorkloadKind, BoundedCache<WorkloadFacts>>>;
}

/** Distinct recent texts remembered for sharing. */
const SHARED_TEXTS = 16_384;

export const initialObjects = (): ObjectsState => ({
  table: new ObjectTable(),
  position: 0,
  sights: new Map(),
  placed: new Map(),
  queues: new QueueBook(),
  usage: new UsageBook(),
  tenants: new Map(),
  owned: new OwnedObjects(),
  epochs: new Map(),
  idempotency: new Map(),
  changes: undefined,
  texts: new Interner(SHARED_TEXTS),
  facts: { Job: new BoundedCache(SHARED_TEXTS), Deployment: new BoundedCache(SHARED_TEXTS) },
});
