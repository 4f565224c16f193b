/**
 * The contract of level-triggered control (controller-runtime's Reconciler): given only a key, look at what is true and move
 * it towards what is wanted. One key is never worked on twice at a time; different keys are, by `workers`.
 */
import type { WorkQueue } from './work-queue.js';

export type ReconcileResult =
  /** Nothing to do until something changes. */
  | { type: 'done' }
  /** Look again after this time, e.g. a deadline. */
  | { type: 'requeue'; afterMs: number }
  /** Not possible now; try again with back-off, at least this much later. */
  | { type: 'retry'; atLeastMs?: number };

export interface Reconciler {
  /** May throw: the key is tried again with back-off. */
  reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult>;
}

export interface ReconcilerRun {
  queue: WorkQueue;
  reconciler: Reconciler;
  workers: number;
  signal: AbortSignal;
  /** Told of every error that was thrown, with the pause before the next attempt. */
  onError: (key: string, error: unknown, retryInMs: number) => void;
}

/** Runs until the signal aborts; then waits for the work under way. */
export async function runReconciler(run: ReconcilerRun): Promise<void> {
  const { queue, signal } = run;
  const close = (): void => {
    queue.close();
  };
  if (signal.aborted) close();
  signal.addEventListener('abort', close, { once: true });
  await Promise.all(Array.from({ length: run.workers }, () => work(run)));
  signal.removeEventListener('abort', close);
}

async function work({ queue, reconciler, signal, onError }: ReconcilerRun): Promise<void> {
  for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
    try {
      const result = await reconciler.reconcile(key, signal);
      if (result.type === 'retry') {
        queue.addRateLimited(key, result.atLeastMs);
      } else {
        queue.forget(key);
        if (result.type === 'requeue') queue.addAfter(key, result.afterMs);
      }
    } catch (error) {
      if (!signal.aborted) onError(key, error, queue.addRateLimited(key));
    } finally {
      queue.done(key);
    }
  }
}
