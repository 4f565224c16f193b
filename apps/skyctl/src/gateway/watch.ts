/**
 * Watches that outlive connections: they go on from the last version seen, with jittered back-off. When the server has
 * forgotten that version (410) the caller lists again.
 */
import type { ApiObject } from '@skyflow/contracts';
import { CliError } from '../cli/cli-error.js';
import { EXIT } from '../cli/exit-codes.js';
import type { GatewayClient, GatewayRequest } from './gateway-client.js';
import type { StatusBody } from './refusal.js';
import { errorOfStatus } from './refusal.js';

export interface WatchEvent<T = ApiObject> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: T;
}

export interface WatchSettings {
  resourceVersion: string;
  signal?: AbortSignal;
  /** The version of an event's object; a table has it in its row. */
  versionOf?: (object: unknown) => string | undefined;
  /** Called when the connection is lost and when it is there again. */
  onConnection?: (error: Error | undefined) => void;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;

interface RawEvent {
  type: WatchEvent['type'] | 'BOOKMARK' | 'ERROR';
  object: unknown;
}

/** Ends only when the signal aborts. @throws CliError when the first connection fails or the server refuses; see isExpired. */
export async function* watchObjects<T = ApiObject>(
  gateway: GatewayClient,
  request: GatewayRequest,
  { resourceVersion, signal, versionOf = objectVersion, onConnection }: WatchSettings,
): AsyncGenerator<WatchEvent<T>> {
  let version = resourceVersion;
  let delayMs = 0;
  let connected = false;
  while (!(signal?.aborted ?? false)) {
    try {
      const stream = await gateway.stream({
        ...request,
        query: { ...request.query, watch: true, allowWatchBookmarks: true, resourceVersion: version },
        ...(signal ? { signal } : {}),
      });
      if (delayMs > FIRST_DELAY_MS) onConnection?.(undefined);
      connected = true;
      delayMs = 0;
      for await (const event of eventsOf(stream)) {
        if (event.type === 'ERROR') throw errorOf(event.object, gateway);
        version = versionOf(event.object) ?? version;
        if (event.type !== 'BOOKMARK') yield event as WatchEvent<T>;
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (!connected || !isTransient(error)) throw error;
      if (delayMs === FIRST_DELAY_MS) onConnection?.(error as Error);
    }
    delayMs = Math.min(Math.max(delayMs * 2, FIRST_DELAY_MS), LONGEST_DELAY_MS);
    await pause(delayMs * (0.5 + Math.random() / 2), signal);
  }
}

async function* eventsOf(stream: AsyncIterable<unknown>): AsyncGenerator<RawEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line) as RawEvent;
  }
}

const objectVersion = (object: unknown): string | undefined => (object as ApiObject | null)?.metadata.resourceVersion;

/** Lost connections come back; a refusal does not. */
const isTransient = (error: unknown): boolean => !(error instanceof CliError) || error.code === EXIT.unavailable;

const errorOf = (object: unknown, gateway: GatewayClient): Error => {
  const status = object as StatusBody;
  return errorOfStatus(status, status.code ?? 500, gateway.connection);
};

const pause = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
