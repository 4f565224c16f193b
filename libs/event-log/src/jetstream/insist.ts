/**
 * Puts a question again and again until one of them is answered. All of them are listened to: a slow answer to the first counts as well as one
 * that a new leader gives to the last.
 */
import { AGAIN_MS, type Patience } from './patience.js';

export interface Question<T> {
  /** Puts it once; rejects when no answer came in so many ms, or when none can come. */
  ask: (withinMs: number) => Promise<T>;
  /** Whether this only says that an earlier one is still being worked on. */
  isUnderWay: (answer: T) => boolean;
  /** For all of it. */
  withinMs: number;
}

/** Rejects as the first question that fails: what cannot be asked is known at once, and all of them are out of time together. */
export function insist<T>({ ask, isUnderWay, withinMs }: Question<T>, patience: Patience): Promise<T> {
  const begunAt = performance.now();
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  let timer: NodeJS.Timeout | undefined;
  let open = 0;
  const put = (againAfterMs: number): void => {
    const askedAt = performance.now();
    const leftMs = withinMs - (askedAt - begunAt);
    open++;
    if (leftMs > againAfterMs) timer = setTimeout(() => put(AGAIN_MS), againAfterMs);
    ask(leftMs).then(
      (answer) => {
        open--;
        if (open > 0 && isUnderWay(answer)) return;
        clearTimeout(timer);
        patience.answered(performance.now() - askedAt);
        resolve(answer);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  };
  put(patience.within(withinMs));
  return promise;
}
