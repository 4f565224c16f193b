/** Reading watches in tests. */
import type { RequestContext, WatchEvent } from '../store/resource-store.js';

export const testContext: RequestContext = { user: { name: 'test', groups: [] }, requestId: 'test' };

/**
 * The first `count` events of a watch; then the watch is closed.
 * @throws Error when they do not come within `timeoutMs`.
 */
export async function collectEvents(
  watch: (signal: AbortSignal) => AsyncIterable<WatchEvent>,
  count: number,
  timeoutMs = 5_000,
): Promise<WatchEvent[]> {
  const abort = new AbortController();
  const timer = setTimeout(() => {
    abort.abort();
  }, timeoutMs);
  const events: WatchEvent[] = [];
  try {
    for await (const event of watch(abort.signal)) {
      events.push(event);
      if (events.length >= count) return events;
    }
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
  const seen = events.map(({ type, object }) => `${type} ${object.metadata.name}`).join(', ');
  throw new Error(`expected ${count} watch events within ${timeoutMs} ms, saw ${events.length}: ${seen}`);
}
