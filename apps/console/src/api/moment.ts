/**
 * A moment of the past that every view shows instead of now: the lists as the gateway has them for a sequence of the log (`?at=`). The
 * live connection goes on behind it, so coming back costs nothing.
 */
import type { ApiObject } from '@skyflow/contracts';
import { commitsOf, timeOf } from '../time/commit-text.js';
import { type Api, ApiError, isAborted } from './api.js';
import { ObjectStore } from './object-store.js';
import { type HeldKind, listPath } from './objects.js';

export interface MomentState {
  /** Sequence of the log. */
  seq: number;
  /** When that commit was stored, ms since the epoch; absent: not known yet, or not to him who may not read the log. */
  atMs?: number;
  /** What was then; absent: not known yet. */
  store?: ObjectStore;
  error?: unknown;
}

export class Moment {
  private state: MomentState | undefined;
  private readonly listeners = new Set<() => void>();
  private abort: AbortController | undefined;

  constructor(private readonly api: Api) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  /** Undefined: now. */
  readonly now = (): MomentState | undefined => this.state;

  /** What was there before stays until what was then is known. */
  async go(seq: number, kinds: readonly HeldKind[]): Promise<void> {
    this.abort?.abort();
    const abort = new AbortController();
    this.abort = abort;
    const { store: shown } = this.state ?? {};
    this.become({ seq, ...(shown === undefined ? {} : { store: shown }) });
    try {
      const [store, atMs] = await Promise.all([
        storeAt(this.api, seq, kinds, abort.signal),
        storedAt(this.api, seq, abort.signal),
      ]);
      if (this.abort === abort) this.become({ seq, ...(atMs === undefined ? {} : { atMs }), store });
    } catch (error) {
      if (this.abort === abort && !isAborted(error)) this.become({ seq, error });
    }
  }

  /** Back to now. */
  leave(): void {
    this.abort?.abort();
    this.abort = undefined;
    this.become(undefined);
  }

  private become(state: MomentState | undefined): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}

/** When a commit was stored; undefined: the log may not be read. @throws ApiError */
async function storedAt(api: Api, seq: number, signal: AbortSignal): Promise<number | undefined> {
  try {
    const [commit] = commitsOf(await api.text(`/log?from=${seq}&to=${seq}`, { signal }));
    return commit === undefined ? undefined : timeOf(commit).getTime();
  } catch (error) {
    if (error instanceof ApiError && error.code === 403) return undefined;
    throw error;
  }
}

/** Everything of these kinds as it was. @throws ApiError */
export async function storeAt(
  api: Api,
  seq: number,
  kinds: readonly HeldKind[],
  signal?: AbortSignal,
): Promise<ObjectStore> {
  const lists = await Promise.all(
    kinds.map((kind) =>
      api.json<{ items: ApiObject[]; kind: string; apiVersion: string }>(`${listPath(kind)}?at=${seq}`, { signal }),
    ),
  );
  const store = new ObjectStore();
  for (const [index, kind] of kinds.entries()) {
    const { items = [], kind: listKind = '', apiVersion = '' } = lists[index] ?? {};
    // Items of a list need not say what they are.
    const own = { kind: listKind.replace(/List$/, ''), apiVersion };
    store.fill(
      kind,
      items.map((item) => ({ ...own, ...item })),
    );
  }
  return store;
}
