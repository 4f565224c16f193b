/**
 * What is needed of history as it is, when it is archived and purged: objects from which work is issued again, the last decision of each
 * workload (for explain), and the pod templates that each has had (for rollouts).
 */
import {
  type Entry,
  type Position,
  isWorkloadKind,
  keptEntryName,
  keptRevisionsName,
  positionOf,
  sequenceOf,
} from '@skyflow/contracts';
import { type RevisionState, evolveRevisions, initialRevisions } from '../history/revisions.js';
import type { ObjectsState } from '../objects/objects-state.js';
import type { SchedulingState } from '../scheduling/state.js';
import { storedObjectsOf } from '../scheduling/stored-objects.js';

/** Who wrote a template, and when; as the gateway tells it. */
export interface WrittenTemplate {
  /** RFC 3339. */
  time: string;
  actor: string;
}

export class KeptHistory {
  private readonly positions: ReadonlySet<Position>;
  private readonly commits: ReadonlySet<number>;
  private readonly uids: ReadonlySet<string>;
  private readonly revisions = new Map<string, RevisionState<WrittenTemplate>>();
  private readonly entries: [string, Entry][] = [];

  /** @param objects what there is at the new beginning of the log */
  constructor(objects: ObjectsState, scheduling: SchedulingState) {
    const workloads = [...objects.table.all()].filter(({ workload }) => workload !== undefined);
    const decisions = workloads.flatMap(({ workload }) => workload?.decision?.position ?? []);
    this.positions = new Set([...storedObjectsOf(scheduling), ...decisions]);
    this.commits = new Set([...this.positions].map(sequenceOf));
    this.uids = new Set(workloads.map(({ uid }) => uid));
  }

  /** Whether anything of a commit may be needed; `take` is then to be given its entries. */
  needs(seq: number, subject: string): boolean {
    return this.commits.has(seq) || subject.startsWith('sky.cmd.');
  }

  /** The entries of a commit, in the order of the log. */
  take(seq: number, entries: readonly Entry[]): void {
    for (const [index, entry] of entries.entries()) {
      const position = positionOf(seq, index);
      if (this.positions.has(position)) this.entries.push([keptEntryName(position), entry]);
      this.written(entry);
    }
  }

  /** By name. */
  *all(): Generator<readonly [string, unknown]> {
    yield* this.entries;
    for (const [uid, state] of this.revisions) yield [keptRevisionsName(uid), state];
  }

  private written(entry: Entry): void {
    if (entry.type !== 'ObjectCreated' && entry.type !== 'ObjectUpdated') return;
    const { kind, metadata } = entry.data.object;
    const { uid, name, namespace = '' } = metadata;
    if (!isWorkloadKind(kind) || !this.uids.has(uid)) return;
    const state = this.revisions.get(uid) ?? initialRevisions<WrittenTemplate>();
    this.revisions.set(uid, state);
    const written = { time: new Date(entry.at).toISOString(), actor: entry.actor };
    evolveRevisions(state, { kind, namespace, name }, entry, written);
  }
}
