/**
 * The page's end of the line to the worker that holds the workloads. The worker is there while something shows workloads and a while
 * after; answers are handed on once in each frame that is drawn, the last of each question.
 */
import { type Api, ApiError } from '../../api/api.js';
import type { LiveState } from '../../api/live.js';
import type { WorkloadPlural } from '../../api/objects.js';
import type { Difference } from '../../time/differences.js';
import type { Answer, FromDesk, Problem, Query, ToDesk } from './messages.js';

/** How long the worker stays for who comes back. */
const KEPT_MS = 60_000;
const CONNECTING: LiveState = { phase: 'connecting' };

export interface Asking {
  ask: (query: Query) => void;
  close: () => void;
}

interface Waiter {
  resolve: (found: readonly Difference[]) => void;
  reject: (error: unknown) => void;
}

export class WorkloadLine {
  private kinds: readonly WorkloadPlural[] = [];
  private worker: Worker | undefined;
  private readonly asking = new Map<number, (answer: Answer) => void>();
  private readonly comparing = new Map<number, Waiter>();
  private readonly answers = new Map<number, Answer>();
  private readonly listeners = new Set<() => void>();
  private state = CONNECTING;
  private lastId = 0;
  private frame: number | undefined;
  private ending: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly api: Api,
    private readonly hire: () => Worker = () =>
      new Worker(new URL('./workload-worker.ts', import.meta.url), { type: 'module', name: 'workloads' }),
  ) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  /** Of the worker's connection. */
  readonly now = (): LiveState => this.state;

  /** @param kinds that the person may watch */
  start(kinds: readonly WorkloadPlural[]): void {
    this.stop();
    this.kinds = kinds;
  }

  stop(): void {
    clearTimeout(this.ending);
    this.worker?.terminate();
    this.worker = undefined;
    this.become(CONNECTING);
  }

  /** Questions of one view, one after the other; the answer to the last is told again whenever it changes. */
  open(onAnswer: (answer: Answer) => void): Asking {
    const id = ++this.lastId;
    this.asking.set(id, onAnswer);
    return {
      ask: (query) => this.send({ type: 'ask', id, query }),
      close: () => {
        this.asking.delete(id);
        this.answers.delete(id);
        this.worker?.postMessage({ type: 'forget', id } satisfies ToDesk);
        this.endSoon();
      },
    };
  }

  /** What differs between two commits of the log. @throws ApiError */
  compare(from: number, to: number): Promise<readonly Difference[]> {
    if (this.kinds.length === 0) return Promise.resolve([]);
    const id = ++this.lastId;
    this.send({ type: 'compare', id, from, to });
    return new Promise<readonly Difference[]>((resolve, reject) => this.comparing.set(id, { resolve, reject })).finally(
      () => {
        this.comparing.delete(id);
        this.endSoon();
      },
    );
  }

  private send(message: ToDesk): void {
    clearTimeout(this.ending);
    if (this.worker === undefined) {
      this.worker = this.hire();
      this.worker.onmessage = ({ data }: MessageEvent<FromDesk>) => this.receive(data);
      this.worker.postMessage({ type: 'start', kinds: this.kinds } satisfies ToDesk);
    }
    this.worker.postMessage(message);
  }

  private receive(message: FromDesk): void {
    switch (message.type) {
      case 'answer':
        this.answers.set(message.id, message.answer);
        this.frame ??= requestAnimationFrame(() => this.hand());
        break;
      case 'compared':
        if ('found' in message.outcome) this.comparing.get(message.id)?.resolve(message.outcome.found);
        else this.comparing.get(message.id)?.reject(errorOf(message.outcome.problem));
        break;
      case 'live':
        this.become(message.state);
        break;
      case 'refresh':
        void this.refresh();
    }
  }

  private hand(): void {
    this.frame = undefined;
    const answers = [...this.answers];
    this.answers.clear();
    for (const [id, answer] of answers) this.asking.get(id)?.(answer);
  }

  private async refresh(): Promise<void> {
    // Nobody answers: the worker asks again when it tries again.
    const ok = await this.api.refresh().catch(() => false);
    this.worker?.postMessage({ type: 'refreshed', ok } satisfies ToDesk);
  }

  private endSoon(): void {
    clearTimeout(this.ending);
    if (this.asking.size === 0 && this.comparing.size === 0) this.ending = setTimeout(() => this.stop(), KEPT_MS);
  }

  private become(state: LiveState): void {
    if (state === this.state) return;
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}

export const errorOf = ({ code, reason, message }: Problem): ApiError => new ApiError(code, reason, message);
