/**
 * Workloads with replicas that have no place, by the reason why, kept up change by change: what a fleet of a hundred thousand jobs is
 * asked every second costs no more than there are reasons. By the log alone: clusters that cannot be seen change nothing in it.
 */
import type { ObjectRecord } from './object-record.js';
import { askedReplicas } from './workload-status.js';

export interface Waiting {
  /** As the scheduler gave it; `Queued`: it has not decided yet. */
  readonly reason: string;
  readonly message: string;
  /** How many have no place. */
  readonly replicas: number;
}

export interface WaitingReason {
  readonly reason: string;
  /** Of one of them, as an example. */
  readonly message: string;
  readonly workloads: number;
  readonly replicas: number;
  /** A few of them. */
  readonly examples: readonly ObjectRecord[];
}

/** Why a workload waits for places; undefined: it does not, or is no workload. */
export function waitingOf({ workload, deletedAt, generation }: ObjectRecord): Waiting | undefined {
  if (workload === undefined || deletedAt > 0) return undefined;
  if (workload.phase === 'COMPLETED' || workload.phase === 'FAILED') return undefined;
  const placed = workload.shares.reduce((sum, { replicas }) => sum + replicas, 0);
  const replicas = askedReplicas(workload, generation) - placed;
  if (replicas <= 0) return undefined;
  const { decision } = workload;
  const current = decision !== undefined && decision.generation >= generation;
  return {
    reason: (current ? decision.reason : undefined) ?? 'Queued',
    message: (current ? decision.message : undefined) ?? 'waiting for the scheduler to place it',
    replicas,
  };
}

interface Group {
  readonly waiting: Map<string, { record: ObjectRecord; why: Waiting }>;
  replicas: number;
}

export class WaitingBook {
  /** By reason. */
  private readonly groups = new Map<string, Group>();
  /** Under which reason each is; by key. */
  private readonly reasonOf = new Map<string, string>();

  constructor(records: Iterable<ObjectRecord> = []) {
    for (const record of records) this.put(record);
  }

  /** It is so now. */
  put(record: ObjectRecord): void {
    this.remove(record);
    const why = waitingOf(record);
    if (why === undefined) return;
    const key = keyOf(record);
    let group = this.groups.get(why.reason);
    if (group === undefined) this.groups.set(why.reason, (group = { waiting: new Map(), replicas: 0 }));
    group.waiting.set(key, { record, why });
    group.replicas += why.replicas;
    this.reasonOf.set(key, why.reason);
  }

  /** It is gone. */
  remove(record: ObjectRecord): void {
    const key = keyOf(record);
    const reason = this.reasonOf.get(key);
    const group = reason === undefined ? undefined : this.groups.get(reason);
    const known = group?.waiting.get(key);
    if (reason === undefined || group === undefined || known === undefined) return;
    group.waiting.delete(key);
    group.replicas -= known.why.replicas;
    this.reasonOf.delete(key);
    if (group.waiting.size === 0) this.groups.delete(reason);
  }

  /** Everything that waits, in no promised order. */
  *records(): IterableIterator<ObjectRecord> {
    for (const { waiting } of this.groups.values()) for (const { record } of waiting.values()) yield record;
  }

  /** The most frequent first, equal ones by name. */
  reasons(mostExamples: number): WaitingReason[] {
    const reasons = [...this.groups].map(([reason, { waiting, replicas }]): WaitingReason => {
      const examples: ObjectRecord[] = [];
      for (const { record } of waiting.values()) {
        if (examples.length >= mostExamples) break;
        examples.push(record);
      }
      const [first] = waiting.values();
      return { reason, message: first?.why.message ?? '', workloads: waiting.size, replicas, examples };
    });
    return reasons.sort((one, other) => other.workloads - one.workloads || (one.reason < other.reason ? -1 : 1));
  }
}

const keyOf = ({ kind, namespace, name }: ObjectRecord): string => `${kind}/${namespace}/${name}`;
