/**
 * Reports what became of each share: when it materially changed, what changed together in one commit, nothing twice. While the
 * log is away it only remembers which workloads to look at again, so an outage of any length costs nothing.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ObjectRef } from '@skyflow/contracts';
import { isFinished, isOfWorkload, observeWork, type WorkObservation, type AgentState } from '@skyflow/domain';
import { Backoff, type StoreChange } from '@skyflow/kube-client';
import type { MissingReferences } from '../apply/missing-references.js';
import type { Obstacles } from '../apply/obstacles.js';
import type { ClusterSession } from '../cluster/cluster-session.js';
import type { KeptObject } from '../cluster/kept-objects.js';
import { reportAfterMs } from './material-change.js';
import type { Observation, ObservationWriter } from './observation-writer.js';

export interface WorkReporterOptions {
  session: ClusterSession;
  obstacles: Obstacles;
  missing: MissingReferences;
  state: () => AgentState | undefined;
  /** Undefined while the log is away. */
  writer: () => ObservationWriter | undefined;
  /** The log has how this batch Job ended. */
  onEnded: (uid: string) => void;
  /** Told when the log did not take a report; it is tried again. */
  onError: (error: unknown) => void;
}

/** Changes that come within this time are told together. */
const COALESCE_MS = 25;
/** From one commit to the next at least: each is written to disk, and read by every service. */
const COMMIT_EVERY_MS = 200;
/** Reports in one commit. */
const BATCH = 500;
const AWAY_PAUSE = { baseMs: 200, capMs: 5_000 };

export class WorkReporter {
  private readonly dirty = new Set<string>();
  /** Last reports of batch Jobs whose native object went away before the log had them. */
  private readonly lastWords = new Map<string, WorkObservation>();
  private readonly reportedAt = new Map<string, number>();
  private readonly delayed = new Map<string, NodeJS.Timeout>();
  private wake: (() => void) | undefined;
  private committedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: WorkReporterOptions) {}

  /** Something about this workload may have changed. */
  mark(uid: string): void {
    this.dirty.add(uid);
    this.wake?.();
  }

  /** Whether the log has how this batch Job ended. */
  isEndReported(uid: string): boolean {
    const state = this.options.state();
    const work = state?.desired.work.get(uid);
    const last = state?.reported.get(uid);
    return work !== undefined && last !== undefined && isFinished(work, last);
  }

  /** Whether this batch Job has ended, by what the cluster shows. */
  hasEnded(uid: string): boolean {
    const state = this.options.state();
    const work = state?.desired.work.get(uid);
    const now = state === undefined ? undefined : this.observe(state, uid);
    return work !== undefined && now !== undefined && isFinished(work, now);
  }

  lastWord(uid: string): WorkObservation | undefined {
    return this.lastWords.get(uid);
  }

  /** A native workload object changed or went. A Job that had ended when it went has ended, even if nobody read its status in time. */
  see(uid: string, change: StoreChange<KeptObject>): void {
    const share = this.options.state()?.desired.work.get(uid);
    if (change.type === 'deleted' && share !== undefined) {
      const last = observeWork(share, { workload: change.object, pods: this.options.session.podsOf(uid) });
      if (last !== undefined && isFinished(share, last)) this.lastWords.set(uid, last);
    }
    this.mark(uid);
  }

  /** Tells that nothing of a withdrawn workload is left. False: the log is away, tell again. */
  async removed(ref: ObjectRef): Promise<boolean> {
    const writer = this.options.writer();
    if (writer === undefined) return false;
    await writer.write(({ desired }) =>
      desired.withdrawn.has(ref.uid) ? [{ type: 'WorkRemoved', data: { ref } }] : [],
    );
    this.lastWords.delete(ref.uid);
    this.reportedAt.delete(ref.uid);
    return true;
  }

  /** Runs until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff(AWAY_PAUSE);
    const stop = (): void => this.wake?.();
    signal.addEventListener('abort', stop, { once: true });
    for (;;) {
      if (this.dirty.size === 0 && !signal.aborted) await new Promise<void>((resolve) => (this.wake = resolve));
      if (signal.aborted) break;
      await delay(this.pauseMs(), undefined, { signal }).catch(() => undefined);
      try {
        if (await this.flush()) backoff.reset();
        else await backoff.pause(signal);
      } catch (error) {
        this.options.onError(error);
        await backoff.pause(signal);
      }
    }
    for (const timer of this.delayed.values()) clearTimeout(timer);
  }

  private pauseMs(): number {
    return Math.max(COALESCE_MS, this.committedAt + COMMIT_EVERY_MS - performance.now());
  }

  /** False: the log is away. */
  private async flush(): Promise<boolean> {
    const state = this.options.state();
    const writer = this.options.writer();
    if (writer === undefined || state === undefined || !this.options.session.hasSynced) return false;
    const due: string[] = [];
    for (const uid of this.dirty) {
      this.dirty.delete(uid);
      if (this.isDue(state, uid)) due.push(uid);
      if (due.length === BATCH) break;
    }
    if (due.length === 0) return true;
    try {
      await writer.write((current) => due.flatMap((uid) => this.report(current, uid)));
    } catch (error) {
      for (const uid of due) this.dirty.add(uid);
      throw error;
    }
    const now = performance.now();
    this.committedAt = now;
    for (const uid of due) {
      this.reportedAt.set(uid, now);
      if (this.isEndReported(uid)) this.options.onEnded(uid);
    }
    return true;
  }

  /** Now, or marks it again for when it is. */
  private isDue(state: AgentState, uid: string): boolean {
    const next = this.observe(state, uid);
    const afterMs = next === undefined ? undefined : reportAfterMs(state.reported.get(uid), next);
    if (afterMs === undefined) return false;
    const waitMs = afterMs - (performance.now() - (this.reportedAt.get(uid) ?? Number.NEGATIVE_INFINITY));
    if (waitMs <= 0) return true;
    if (!this.delayed.has(uid)) {
      const again = (): void => {
        this.delayed.delete(uid);
        this.mark(uid);
      };
      this.delayed.set(uid, setTimeout(again, waitMs));
    }
    return false;
  }

  private report(state: AgentState, uid: string): Observation[] {
    const next = this.observe(state, uid);
    if (next === undefined || reportAfterMs(state.reported.get(uid), next) === undefined) return [];
    return [{ type: 'WorkObserved', data: next }];
  }

  private observe(state: AgentState, uid: string): WorkObservation | undefined {
    const { session, obstacles, missing } = this.options;
    const share = state.desired.work.get(uid);
    if (share === undefined) return undefined;
    const [found] = session.workloadsOf(uid).filter(({ object }) => isOfWorkload(object, uid));
    const obstacle = obstacles.get(uid);
    const last = this.lastWords.get(uid);
    if (found === undefined && last !== undefined && isFinished(share, last)) return last;
    return observeWork(share, {
      workload: found?.object,
      pods: session.podsOf(uid),
      missing: missing.of(uid),
      ...(obstacle === undefined ? {} : { obstacle }),
    });
  }
}
