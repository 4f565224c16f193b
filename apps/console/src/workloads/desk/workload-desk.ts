/**
 * Who holds all workloads and answers for them: in a worker, so that a hundred thousand of them never keep the page from moving. The
 * page is given the rows in sight, and again when they have changed, a few times a second.
 */
import { Api, ApiError, messageOf } from '../../api/api.js';
import { Live } from '../../api/live.js';
import { listPath, type WorkloadPlural } from '../../api/objects.js';
import { type Difference, MOST_DIFFERENCES, differences } from '../../time/differences.js';
import type { Answer, FromDesk, Problem, Query, ToDesk } from './messages.js';
import { type RowsView, WorkloadIndex } from './workload-index.js';

/** What no table shows. */
const OMITTED = [
  ...['metadata.managedFields', 'metadata.annotations', 'metadata.ownerReferences', 'spec'],
  ...['status.conditions', 'status.observedGeneration', 'status.rollout'],
];
/** Shortest time between two answers, ms; at least so many times what the last took to make. */
const ANSWERED_EVERY_MS = 120;
const REST_PER_WORK = 4;

interface Asked {
  query: Query;
  view: RowsView | undefined;
  last: Answer | undefined;
}

/** What was after one commit. */
interface Then {
  at: number;
  index: WorkloadIndex | undefined;
  problem?: Problem;
}

export class WorkloadDesk {
  private readonly api: Api;
  private readonly index = new WorkloadIndex(() => this.changed());
  private readonly live: Live;
  private readonly asked = new Map<number, Asked>();
  private kinds: readonly WorkloadPlural[] = [];
  private then: Then | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private tookMs = 0;
  private refreshed: ((ok: boolean) => void) | undefined;

  constructor(
    private readonly send: (message: FromDesk) => void,
    connect?: (path: string) => EventSource,
  ) {
    // Tokens are renewed by the page: two at once would take each other's away.
    const renew = (): Promise<boolean> =>
      new Promise((resolve) => {
        this.refreshed = resolve;
        send({ type: 'refresh' });
      });
    this.api = new Api(() => this.live.stop(), renew);
    this.live = new Live(this.api, this.index, connect);
    this.live.subscribe(() => send({ type: 'live', state: this.live.now() }));
  }

  receive(message: ToDesk): void {
    switch (message.type) {
      case 'start':
        this.kinds = message.kinds;
        this.live.start({ kinds: message.kinds, omit: OMITTED });
        break;
      case 'ask':
        this.ask(message.id, message.query);
        break;
      case 'forget':
        this.asked.get(message.id)?.view?.close();
        this.asked.delete(message.id);
        break;
      case 'compare':
        void this.compare(message);
        break;
      case 'refreshed':
        this.refreshed?.(message.ok);
    }
  }

  private ask(id: number, query: Query): void {
    const before = this.asked.get(id);
    const same =
      before !== undefined &&
      before.query.at === query.at &&
      JSON.stringify([before.query.choice, before.query.order]) === JSON.stringify([query.choice, query.order]);
    if (!same) before?.view?.close();
    this.asked.set(id, { query, view: same ? before.view : undefined, last: undefined });
    if (query.at !== undefined && this.then?.at !== query.at) void this.load(query.at);
    this.answer(id);
  }

  private changed(): void {
    this.timer ??= setTimeout(
      () => {
        this.timer = undefined;
        const begun = performance.now();
        for (const [id, { query }] of this.asked) if (query.at === undefined) this.answer(id);
        this.tookMs = performance.now() - begun;
      },
      Math.max(ANSWERED_EVERY_MS, REST_PER_WORK * this.tookMs),
    );
  }

  private answer(id: number): void {
    const asked = this.asked.get(id);
    if (asked === undefined) return;
    const { query } = asked;
    const then = query.at === undefined ? undefined : this.then;
    const index = query.at === undefined ? this.index : then?.index;
    if (index === undefined) {
      if (then?.problem !== undefined) this.send({ type: 'answer', id, answer: { ...NOTHING, problem: then.problem } });
      return;
    }
    asked.view ??= index.view(query.choice, query.order);
    const rows = asked.view.rows();
    const answer: Answer = {
      total: rows.length,
      all: index.size,
      namespaces: index.namespaces(),
      phases: index.phases(),
      from: query.from,
      rows: rows.slice(query.from, query.from + query.count),
      complete: index.isComplete(this.kinds),
    };
    if (asked.last !== undefined && isSame(asked.last, answer)) return;
    asked.last = answer;
    this.send({ type: 'answer', id, answer });
  }

  /** What was after a commit, for the questions that are about it. */
  private async load(at: number): Promise<void> {
    const then: Then = { at, index: undefined };
    this.then = then;
    try {
      then.index = await this.indexAt(at);
    } catch (error) {
      then.problem = problemOf(error);
    }
    if (this.then !== then) return;
    for (const [id, { query }] of this.asked) if (query.at === at) this.answer(id);
  }

  private async indexAt(at: number): Promise<WorkloadIndex> {
    const index = new WorkloadIndex();
    for (const kind of this.kinds) {
      const list = await this.api.json<{ items: Parameters<WorkloadIndex['apply']>[0]['object'][]; kind: string }>(
        `${listPath(kind)}?at=${at}`,
      );
      // Items of a list need not say what they are.
      const own = list.kind.replace(/List$/, '');
      for (const item of list.items) index.apply({ resource: kind, type: 'ADDED', object: { ...item, kind: own } });
      index.synced(kind);
    }
    return index;
  }

  private async compare({ id, from, to }: { id: number; from: number; to: number }): Promise<void> {
    try {
      const [before, after] = [await this.indexAt(from), await this.indexAt(to)];
      const found = this.kinds.flatMap((kind): Difference[] => {
        const of = (index: WorkloadIndex) => [...index.all()].filter((each) => `${each.kind.toLowerCase()}s` === kind);
        return differences(kind, of(before), of(after));
      });
      this.send({ type: 'compared', id, outcome: { found: found.slice(0, MOST_DIFFERENCES) } });
    } catch (error) {
      this.send({ type: 'compared', id, outcome: { problem: problemOf(error) } });
    }
  }
}

const NOTHING: Answer = { total: 0, all: 0, namespaces: [], phases: [], from: 0, rows: [], complete: false };

const problemOf = (error: unknown): Problem =>
  error instanceof ApiError
    ? { code: error.code, reason: error.reason, message: error.message }
    : { code: 0, reason: '', message: messageOf(error) };

function isSame(one: Answer, other: Answer): boolean {
  return (
    one.total === other.total &&
    one.all === other.all &&
    one.complete === other.complete &&
    one.rows.length === other.rows.length &&
    one.rows.every((row, index) => row === other.rows[index]) &&
    String(one.phases) === String(other.phases) &&
    String(one.namespaces) === String(other.namespaces)
  );
}
