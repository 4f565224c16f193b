/** What the page and the worker that holds the workloads say to each other. */
import type { LiveState } from '../../api/live.js';
import type { Workload, WorkloadPlural } from '../../api/objects.js';
import type { Difference } from '../../time/differences.js';
import type { Choice, Order } from '../workload-rows.js';

/** A window of the table of workloads. */
export interface Query {
  choice: Choice;
  order: Order;
  /** First row, from 0, and how many. */
  from: number;
  count: number;
  /** As it was after this commit of the log; absent: now, and told again whenever it changes. */
  at?: number;
}

export interface Answer {
  /** Rows of the choice; of all there are. */
  total: number;
  all: number;
  /** What there is to choose from, and how many of each phase. */
  namespaces: readonly string[];
  phases: readonly (readonly [phase: string, count: number])[];
  from: number;
  rows: readonly Workload[];
  /** Whether all there is has been told. */
  complete: boolean;
  problem?: Problem;
}

/** An error, as it goes through a message. */
export interface Problem {
  code: number;
  reason: string;
  message: string;
}

export type ToDesk =
  | { type: 'start'; kinds: readonly WorkloadPlural[] }
  /** A question, or another one in its place. */
  | { type: 'ask'; id: number; query: Query }
  | { type: 'forget'; id: number }
  | { type: 'compare'; id: number; from: number; to: number }
  /** The answer to `refresh`: whether the session goes on. */
  | { type: 'refreshed'; ok: boolean };

export type FromDesk =
  | { type: 'answer'; id: number; answer: Answer }
  | { type: 'compared'; id: number; outcome: { found: readonly Difference[] } | { problem: Problem } }
  | { type: 'live'; state: LiveState }
  /** The token is not good any more: the page, which all share, gets the next one. */
  | { type: 'refresh' };
