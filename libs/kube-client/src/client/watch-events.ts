/** The events of one watch, read from the body of its answer. */
import type { Readable } from 'node:stream';
import { BrokenJsonStreamError, jsonLines } from './json-lines.js';
import { KubeApiError, KubeUnreachableError, type KubeStatus } from './kube-errors.js';
import type { KubeObject, KubeWatchEvent } from './kube-object.js';

/** @throws KubeApiError for an ERROR event; KubeUnreachableError when the connection breaks, or is silent for `inactivityMs`. */
export async function* watchEvents<T extends KubeObject>(
  body: Readable,
  what: string,
  signal: AbortSignal,
  inactivityMs: number | undefined,
): AsyncGenerator<KubeWatchEvent<T>, void, undefined> {
  const idle = inactivityMs === undefined ? undefined : destroyWhenIdle(body, what, inactivityMs);
  try {
    for await (const line of jsonLines(body)) {
      idle?.refresh();
      const event = line as KubeWatchEvent<T> | { type: 'ERROR'; object: KubeStatus };
      if (event.type === 'ERROR') throw new KubeApiError(event.object.code ?? 500, event.object);
      yield event;
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof KubeApiError || error instanceof KubeUnreachableError) throw error;
    // A line cut short is the usual way in which a dropped watch ends.
    if (error instanceof BrokenJsonStreamError && error.cause === undefined) return;
    throw new KubeUnreachableError(`${what} broke: ${(error as Error).message}`, { cause: error, answered: true });
  } finally {
    if (idle !== undefined) clearTimeout(idle);
    body.destroy();
  }
}

function destroyWhenIdle(body: Readable, what: string, inactivityMs: number): NodeJS.Timeout {
  return setTimeout(() => {
    body.destroy(new KubeUnreachableError(`${what} was silent for ${inactivityMs} ms`, { answered: true }));
  }, inactivityMs);
}
