/** What is kept where queues are used: who waits in which line, and what each queue holds. */
import type { Position } from '@skyflow/contracts';
import type { Shape } from '../shape.js';
import type { QueueTerms } from './terms.js';

export interface Line {
  terms: QueueTerms;
  /** uid → place in the queue. In queue order when `sorted`. */
  members: Map<string, Position>;
  sorted: boolean;
  last: Position;
}

export interface Lines {
  /** By what tells them apart: the terms, then the shape, or a text where the shape does not say it all. */
  byTerms: Map<QueueTerms, Map<Shape | string, Line>>;
  /** By queue. */
  byQueue: Map<string, Set<Line>>;
  /** Workloads in lines. */
  size: number;
}

export interface Queueing {
  lines: Lines;
  /** What the workloads of each queue hold, by column. */
  usage: Map<string, number[]>;
  /** Workloads that were decided once and are to be decided again (edited, or their cluster is gone), in queue order of being so. */
  revise: Set<string>;
  /** Workloads with room that is kept for them. */
  claimants: Set<string>;
  /** When quotas last changed, or somebody left who may have kept others from a place. */
  changedAt: Position;
  /** By the topmost queue of a tree: when something was last given back in it. */
  freedAt: Map<string, Position>;
  /** By priority: when a workload of it last got more. Who may displace it, or is kept from room by somebody, may be luckier then. */
  takenAt: Map<number, Position>;
  /** By queue: when a workload of it last got more. It may borrow since, and who may take that back may be luckier then. */
  grownAt: Map<string, Position>;
}

/** What the head of a line waits for. */
export type Blocked = 'room' | 'quota' | 'members';

export interface Tried {
  /** Position of the log up to which everything was taken into account. */
  at: number;
  blocked: Blocked;
  /** Lines and claimants for which room was kept in that round: what is kept for others may move when anything changes. */
  keepers: ReadonlySet<unknown>;
  /** Those of them for which room was kept before it was looked at: if it is not kept for one of them any more, another look is worth it. */
  keptBefore: readonly unknown[];
  /** When time alone makes another look worth it, ms since the epoch. */
  dueMs: number | undefined;
  /** How many were in the line. */
  members: number;
}
