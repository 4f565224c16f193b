/** One turn of the work loop: what decisions imply and sky.work lacks → commits on the subjects of the clusters. */
import { setTimeout as pause } from 'node:timers/promises';
import { type WorkDraft, isWorkIssued, reconcileWork, redraftWork } from '@skyflow/domain';
import { AppendRefusedError, type Committed } from '@skyflow/event-log';
import { workSubject, type Position } from '@skyflow/contracts';
import { inSpan } from '@skyflow/telemetry';
import { readObjects } from './object-reader.js';
import type { ActiveOptions } from './active-options.js';
import { rawEntry } from './raw-entry.js';
import { spanOf } from './round-spans.js';
import { WorkWriters } from './work-writers.js';

/** Workloads whose work is issued in one turn: few in the first, so that clusters begin while the rest is written, then twice as many each. */
const FIRST_WORKLOADS = 200;
const MOST_WORKLOADS = 2_000;
/**
 * While one job after the other comes, work for many clusters is many small commits, each of them written to disk before the next decision
 * is. After a turn with little in it the next begins so much later at the soonest; after a pause there is no wait.
 */
const SMALL_TURN = 100;
/** In such a turn so many clusters are written to at once: the log writes one commit after the other, and what is decided next waits behind them. */
const CLUSTERS_AT_ONCE = 2;
const SMALL_TURNS_APART_MS = 20;

interface WorkOptions extends Pick<ActiveOptions, 'log' | 'projection' | 'metrics' | 'context' | 'epoch'> {
  /** Throws SteppedDownError when a newer epoch has started. */
  assertActive: () => void;
}

interface Due {
  cluster: string;
  draft: WorkDraft;
}

export class WorkRounds {
  /** Uids of the workloads whose work is being written and not folded yet. */
  readonly underWay = new Set<string>();
  private readonly writers: WorkWriters;
  /** Positions at which a needed object is not in the log any more; said once. */
  private readonly unreadable = new Set<Position>();
  /** Work that the log does not take, by cluster and workload: the draft's decision. Tried again when that changes. */
  private readonly refused = new Map<string, number>();
  /** Of the next turn. */
  private workloads = FIRST_WORKLOADS;
  /** When the next turn may begin. */
  private notBeforeMs = 0;

  constructor(private readonly options: WorkOptions) {
    const { context, log, projection } = options;
    this.writers = new WorkWriters(log, projection, `${context.name}/${context.instance}`);
  }

  /** Appends what is due once; resolves when it is folded. False: there was nothing to append. */
  async run(signal: AbortSignal): Promise<boolean> {
    const { projection, assertActive } = this.options;
    assertActive();
    if (!isWorkIssued(projection.state)) await this.untilItsTime(signal);
    await this.readObjects();
    const due = this.due();
    if (due.length === 0) return false;
    const isSmall = due.length < SMALL_TURN;
    this.notBeforeMs = isSmall ? performance.now() + SMALL_TURNS_APART_MS : 0;
    for (const { draft } of due) this.underWay.add(subjectOf(draft));
    let isFresh = true;
    try {
      for (const together of byClusters(due, isSmall ? CLUSTERS_AT_ONCE : due.length)) {
        await this.appendTogether(together, isFresh, signal);
        isFresh = false;
      }
    } finally {
      this.underWay.clear();
    }
    return true;
  }

  /** @throws what kept some of it from being appended, but for refusals, which are final. */
  private async appendTogether(due: readonly Due[], isFresh: boolean, signal: AbortSignal): Promise<void> {
    const { projection, metrics, epoch } = this.options;
    const settled = await Promise.allSettled(due.map((each) => this.append(each, isFresh)));
    let seq = 0;
    settled.forEach((outcome, index) => {
      if (outcome.status === 'rejected') return;
      seq = Math.max(seq, outcome.value.seq);
      metrics.work.add(1, { type: due[index]?.draft.type ?? '' });
    });
    if (seq > 0) await projection.waitFor(seq, { signal });
    for (const [index, outcome] of settled.entries()) {
      const each = due[index];
      if (outcome.status !== 'rejected' || each === undefined) continue;
      if (!(outcome.reason instanceof AppendRefusedError)) throw outcome.reason;
      this.refuse(each, outcome.reason, epoch);
    }
  }

  /** Lets appends under way end. */
  async close(withinMs: number): Promise<void> {
    await this.writers.close(withinMs);
  }

  private async untilItsTime(signal: AbortSignal): Promise<void> {
    const waitMs = this.notBeforeMs - performance.now();
    if (waitMs > 0) await pause(waitMs, undefined, { signal }).catch(() => undefined);
  }

  private async readObjects(): Promise<void> {
    const { log, projection, context } = this.options;
    for (const position of await readObjects(log, () => projection.state)) {
      if (this.unreadable.has(position)) continue;
      this.unreadable.add(position);
      context.logger.error(
        { position },
        'the log has lost a workload that is needed to issue its work; apply it again',
      );
    }
  }

  private due(): Due[] {
    const few = this.dueOf(this.workloads);
    // The first of them may be those that cannot be issued now.
    const due = few.length > 0 ? few : this.dueOf(MOST_WORKLOADS);
    this.workloads = due.length === 0 ? FIRST_WORKLOADS : Math.min(MOST_WORKLOADS, this.workloads * 2);
    return due;
  }

  private dueOf(workloads: number): Due[] {
    const { projection, epoch } = this.options;
    const drafts = reconcileWork(projection.state, { epoch, workloads });
    return [...drafts].flatMap(([cluster, list]) =>
      list
        .map((draft) => ({ cluster, draft }))
        .filter((each) => this.refused.get(keyOf(each)) !== decisionOf(each.draft)),
    );
  }

  /** @param isFresh whether nothing can have been folded since it was drafted. */
  private async append({ cluster, draft }: Due, isFresh: boolean): Promise<Committed> {
    const { projection, epoch, assertActive } = this.options;
    let next: WorkDraft | undefined = draft;
    let calls = isFresh ? 0 : 1;
    const span = spanOf(draft, {
      kind: 'producer',
      attributes: { 'messaging.system': 'nats', 'messaging.destination.name': workSubject(cluster) },
    });
    const outcome = await inSpan(span, () =>
      this.writers.of(cluster).submit(() => {
        assertActive();
        if (++calls > 1) next = redraftWork(projection.state, epoch, cluster, draft);
        return { entries: next === undefined ? [] : [rawEntry(next, span.traceparent)], result: undefined };
      }),
    );
    return outcome as Committed;
  }

  /** The log will not take it, however often: say so once, go on with the others. */
  private refuse(due: Due, error: AppendRefusedError, epoch: number): void {
    this.refused.set(keyOf(due), decisionOf(due.draft));
    const { cluster, draft } = due;
    this.options.context.logger.error(
      { err: error, cluster, epoch, type: draft.type, of: keyOf(due) },
      'work is refused by the log',
    );
  }
}

const keyOf = ({ cluster, draft }: Due): string => `${cluster}/${subjectOf(draft)}`;

/** The uid of the workload, or the name of the namespace. */
function subjectOf({ type, data }: WorkDraft): string {
  if (type === 'NamespaceWithdrawn') return data.namespace;
  return type === 'WorkAssigned' ? data.object.metadata.uid : data.ref.uid;
}

const decisionOf = (draft: WorkDraft): number => (draft.type === 'NamespaceWithdrawn' ? 0 : draft.data.decision);

/** What is due, for so many clusters at a time. */
function byClusters(due: readonly Due[], clusters: number): Due[][] {
  const names = [...new Set(due.map(({ cluster }) => cluster))];
  const nth = new Map(names.map((name, index) => [name, Math.floor(index / clusters)]));
  const parts: Due[][] = [];
  for (const each of due) (parts[nth.get(each.cluster) ?? 0] ??= []).push(each);
  return parts;
}
