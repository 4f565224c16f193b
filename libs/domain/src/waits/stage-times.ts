/**
 * How long scheduling takes, stage by stage from a submission to a cluster's first word of it, from entries of the log with the times at
 * which they were stored (one clock, the log's own). It can be kept current for ever, and answers for any range since it began: a
 * workload counts where it was submitted in the range, with its first placement; what is moved or scaled later is no scheduling latency.
 */
import type { Entry, Position } from '@skyflow/contracts';
import type { EntryPlace } from '../objects/objects-state.js';

/** decided: submission → first decision; assigned: decision that placed it → work for a cluster; applied: work → a cluster's first word of it. */
export const schedulingStages = ['decided', 'assigned', 'applied'] as const;
export type SchedulingStage = (typeof schedulingStages)[number];

/** What is not known yet of one workload. */
interface Life {
  readonly submittedAt: Position;
  readonly submittedMs: number;
  isDecided: boolean;
  placedMs?: number;
  assignedMs?: number;
}

interface Sample {
  readonly stage: SchedulingStage;
  readonly submittedAt: Position;
  readonly endedAt: Position;
  readonly endedMs: number;
  readonly ms: number;
}

export class StageTimes {
  /** By uid. */
  private readonly lives = new Map<string, Life>();
  /** In the order in which they ended. */
  private samples: Sample[] = [];

  /** @param since what is after this position is folded; ranges may begin there or later. */
  constructor(private begun: Position) {}

  /** Ranges may begin here or later. */
  get since(): Position {
    return this.begun;
  }

  /** Folds one entry that was stored at `atMs`. */
  evolve(entry: Entry, { position }: Pick<EntryPlace, 'position'>, atMs: number): void {
    switch (entry.type) {
      case 'ObjectCreated': {
        const { kind, metadata } = entry.data.object;
        if (kind !== 'Job' && kind !== 'Deployment') return;
        this.lives.set(metadata.uid, { submittedAt: position, submittedMs: atMs, isDecided: false });
        return;
      }
      case 'ObjectDeleted':
      case 'ObjectReleased':
        this.lives.delete(entry.data.ref.uid);
        return;
      case 'PlacementDecided': {
        const { ref, placements, unplaced } = entry.data;
        const life = this.lives.get(ref.uid);
        if (life === undefined) return;
        if (!life.isDecided) this.ended('decided', life, life.submittedMs, position, atMs);
        life.isDecided = true;
        if (placements.length > 0) life.placedMs ??= atMs;
        // Of what has no replicas nobody hears.
        else if (unplaced === 0) this.lives.delete(ref.uid);
        return;
      }
      case 'WorkAssigned': {
        const life = this.lives.get(entry.data.object.metadata.uid);
        if (life?.placedMs === undefined || life.assignedMs !== undefined) return;
        life.assignedMs = atMs;
        this.ended('assigned', life, life.placedMs, position, atMs);
        return;
      }
      case 'WorkObserved': {
        const { uid } = entry.data.ref;
        const life = this.lives.get(uid);
        if (life?.assignedMs === undefined) return;
        this.ended('applied', life, life.assignedMs, position, atMs);
        this.lives.delete(uid);
        return;
      }
      default:
    }
  }

  /** Of workloads that were submitted after `from`: stages that ended up to and with `to`, ms. */
  between(from: Position, to: Position): Record<SchedulingStage, number[]> {
    const stages: Record<SchedulingStage, number[]> = { decided: [], assigned: [], applied: [] };
    for (const { stage, submittedAt, endedAt, ms } of this.samples)
      if (submittedAt > from && endedAt <= to) stages[stage].push(ms);
    return stages;
  }

  /** Forgets what ended before, and of what was submitted before all but the most recent `most`; ranges begin later then. */
  forget(beforeMs: number, most: number): void {
    const tooMany = Math.max(0, this.samples.length - most);
    const old = this.samples.findIndex(({ endedMs }, index) => index >= tooMany && endedMs >= beforeMs);
    const count = old === -1 ? this.samples.length : old;
    const last = this.samples[count - 1];
    if (last === undefined) return;
    this.begun = Math.max(this.begun, last.endedAt);
    this.samples = this.samples.slice(count);
  }

  private ended(stage: SchedulingStage, life: Life, fromMs: number, endedAt: Position, endedMs: number): void {
    // A log's times may stand still, not go back.
    const ms = Math.max(0, endedMs - fromMs);
    this.samples.push({ stage, submittedAt: life.submittedAt, endedAt, endedMs, ms });
  }
}
