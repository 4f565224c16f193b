/**
 * Watches over HTTP: one JSON document per line. Events are serialised once for all watchers that see the same object; a
 * reader that does not keep up holds no memory here (its place is in the store's history) and is cut off after a while.
 */
import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isStatus } from '../api/errors.js';
import type { StatusError } from '../api/status-error.js';
import type { KubeObject } from '@skyflow/contracts';
import type { WatchEvent } from '../store/resource-store.js';
import { toStatusError } from './response.js';

/** Characters that are gathered before the writer asks for a pause. */
const GATHERED_MOST = 64 * 1024;

export interface WatchStream {
  response: ServerResponse;
  events: AsyncIterable<WatchEvent>;
  /** The text of an event's object in this watcher's representation. */
  encode: (event: WatchEvent) => string;
  signal: AbortSignal;
  slowReaderMs: number;
  requestId: string;
  onError: (error: unknown) => void;
  /** Why it was ended before its time; the reader is told. */
  refusal?: () => StatusError | undefined;
}

/** Resolves when the watch is over and the response ended. */
export async function streamWatch(stream: WatchStream): Promise<void> {
  const { response, events, encode } = stream;
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
  response.flushHeaders();
  const writer = new LineWriter(stream);
  try {
    for await (const event of events) {
      if (!writer.write(`{"type":"${event.type}","object":${encode(event)}}\n`) && !(await writer.drained())) break;
    }
    const refusal = stream.refusal?.();
    if (refusal !== undefined) writer.write(errorLine(refusal));
  } catch (error) {
    const { status, unexpected } = toStatusError(error, stream.requestId);
    if (unexpected) stream.onError(error);
    if (!response.destroyed) writer.write(errorLine(status));
    // Expired is part of the protocol: the client lists again. Anything else was reported above.
    if (!unexpected && !isStatus(error, 'Expired')) stream.onError(error);
  } finally {
    writer.flush();
    response.end();
  }
}

const errorLine = (status: StatusError): string => `{"type":"ERROR","object":${JSON.stringify(status.toBody())}}\n`;

/**
 * Gathers the lines of one turn of the event loop into one write. Not with `cork`: of a response that was corked while its buffer was
 * full, Node 24 may never tell `drain`, and the reader would hear nothing for ever.
 */
export class LineWriter {
  readonly #stream: Pick<WatchStream, 'response' | 'signal' | 'slowReaderMs'>;
  #gathered = '';
  #due = false;

  constructor(stream: Pick<WatchStream, 'response' | 'signal' | 'slowReaderMs'>) {
    this.#stream = stream;
  }

  /** False: it is enough for now, `drained` says when to go on. */
  write(line: string): boolean {
    this.#gathered += line;
    if (!this.#due) {
      this.#due = true;
      setImmediate(() => {
        this.#due = false;
        this.flush();
      });
    }
    return this.#gathered.length < GATHERED_MOST && !this.#stream.response.writableNeedDrain;
  }

  /** To be called before `end`. */
  flush(): void {
    const { response } = this.#stream;
    const text = this.#gathered;
    this.#gathered = '';
    if (text !== '' && !response.writableEnded && !response.destroyed) response.write(text);
  }

  /** Others get their turn meanwhile. False: the reader did not read for too long, or the watch is over. */
  async drained(): Promise<boolean> {
    const { response, signal } = this.#stream;
    this.flush();
    if (response.writableNeedDrain && !(await this.#read())) return false;
    // A socket that takes all at once tells `drain` within the same turn: a long list would go on without ever ending it.
    await nextTurn();
    return !signal.aborted && !response.destroyed;
  }

  /** Resolves when the buffer is empty again. */
  #read(): Promise<boolean> {
    const { response, signal, slowReaderMs } = this.#stream;
    return new Promise<boolean>((resolve) => {
      const settle = (ok: boolean) => () => {
        clearTimeout(timer);
        response.off('drain', onDrain).off('close', onEnd);
        signal.removeEventListener('abort', onEnd);
        if (!ok) response.destroy();
        resolve(ok);
      };
      const onDrain = settle(true);
      const onEnd = settle(false);
      const timer = setTimeout(onEnd, slowReaderMs).unref();
      response.on('drain', onDrain).on('close', onEnd);
      signal.addEventListener('abort', onEnd);
      if (signal.aborted) onEnd();
    });
  }
}

/** Text of objects by identity: what one watcher has serialised, the next one reuses. Holds the latest few only. */
export class TextCache {
  readonly #texts = new Map<KubeObject, string>();
  readonly #limit: number;
  readonly #textOf: (object: KubeObject) => string;

  /** @param options.textOf what is kept; default: all of the object as JSON. */
  constructor({
    limit = 128,
    textOf = JSON.stringify,
  }: { limit?: number; textOf?: (object: KubeObject) => string } = {}) {
    this.#limit = limit;
    this.#textOf = textOf;
  }

  textOf(object: KubeObject): string {
    let text = this.#texts.get(object);
    if (text === undefined) {
      text = this.#textOf(object);
      if (!Object.isFrozen(object)) return text;
      if (this.#texts.size >= this.#limit) {
        const [oldest] = this.#texts.keys();
        if (oldest !== undefined) this.#texts.delete(oldest);
      }
      this.#texts.set(object, text);
    }
    return text;
  }
}
