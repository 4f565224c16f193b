/** How views get at the session: what is known, what may be done, what is asked for once. */
import { createContext, use, useEffect, useState, useSyncExternalStore } from 'react';
import { isAborted } from './api.js';
import type { LiveState } from './live.js';
import type { MomentState } from './moment.js';
import type { ObjectStore } from './object-store.js';
import type { HeldKind, HeldKinds } from './objects.js';
import type { Asked } from './rights.js';
import type { Session, SessionState } from './session.js';

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = use(SessionContext);
  if (session === undefined) throw new Error('a view is outside of the session');
  return session;
}

export function useSessionState(): SessionState {
  const { subscribe, now } = useSession();
  return useSyncExternalStore(subscribe, now);
}

/** Whether what is shown is so now. */
export function useLive(): LiveState {
  const { connections } = useSession();
  return useSyncExternalStore(connections.subscribe, connections.now);
}

/** The moment of the past that is shown; undefined: now. */
export function useMoment(): MomentState | undefined {
  const { moment } = useSession();
  return useSyncExternalStore(moment.subscribe, moment.now);
}

/** What is known of now, or of the moment that is shown. */
function useStore(): ObjectStore {
  const { store } = useSession();
  return useMoment()?.store ?? store;
}

/** All objects of a kind, as they are now. */
export function useObjects<K extends HeldKind>(kind: K): readonly HeldKinds[K][] {
  const store = useStore();
  return useSyncExternalStore(store.subscribe, () => store.list(kind));
}

/** Whether all there is of these kinds is known. */
export function useComplete(...kinds: HeldKind[]): boolean {
  const store = useStore();
  return useSyncExternalStore(store.subscribe, () => kinds.every((kind) => store.isComplete(kind)));
}

/** False until the gateway has said yes. */
export function useMay(asked: Asked): boolean {
  const { rights } = useSession();
  const [allowed, setAllowed] = useState(false);
  const key = JSON.stringify(asked);
  useEffect(() => {
    let current = true;
    void rights.may(JSON.parse(key) as Asked).then((answer) => {
      if (current) setAllowed(answer);
    });
    return () => {
      current = false;
    };
  }, [rights, key]);
  // What was cannot be changed.
  const past = useMoment() !== undefined && !READING.has(asked.verb);
  return allowed && !past;
}

const READING: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

export interface Loaded<T> {
  data?: T;
  error?: unknown;
  loading: boolean;
  again: () => void;
}

/** Something that is asked for when it is shown, and again when `key` (or `round`) changes. What was there stays until the next answer. */
export function useLoaded<T>(key: string, load: (signal: AbortSignal) => Promise<T>, round = 0): Loaded<T> {
  const [state, setState] = useState<Pick<Loaded<T>, 'data' | 'error' | 'loading'>>({ loading: true });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    setState((old) => ({ ...old, loading: true }));
    load(abort.signal).then(
      (data) => setState({ data, loading: false }),
      (error: unknown) => {
        if (!isAborted(error)) setState((old) => ({ ...old, error, loading: false }));
      },
    );
    return () => abort.abort();
    // `key` says what `load` depends on.
  }, [key, turn, round]);
  return { ...state, again: () => setTurn((old) => old + 1) };
}

/** Who could not answer is left alone for so long; a person need not wait. */
const AFTER_ERROR_MS = 5_000;

/**
 * Something that is asked for again and again while it is shown, so long after each answer: an API that is slow is not asked faster than
 * it answers. `everyMs` undefined: once.
 */
export function usePolled<T>(
  key: string,
  everyMs: number | undefined,
  load: (signal: AbortSignal) => Promise<T>,
): Loaded<T> {
  const [round, setRound] = useState(0);
  const loaded = useLoaded(key, load, round);
  const { loading } = loaded;
  const failed = loaded.error !== undefined;
  useEffect(() => {
    if (loading || everyMs === undefined) return undefined;
    const timer = setTimeout(() => setRound((old) => old + 1), failed ? Math.max(AFTER_ERROR_MS, everyMs) : everyMs);
    return () => clearTimeout(timer);
  }, [loading, everyMs, failed]);
  return loaded;
}

/** Milliseconds since the epoch, anew every `everyMs`. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
