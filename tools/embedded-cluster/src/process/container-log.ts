/**
 * The log of one run of one container: what its process writes, line by line with the time, in a file of bounded size
 * (rotated once, the oldest part is dropped), and readers that follow it.
 */
import { EventEmitter, once } from 'node:events';
import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { LogCursor } from './log-cursor.js';
import { encodeLine, type LogFilter, type LogLine, logTimestamp, renderLine } from './log-line.js';

export interface LogReadOptions extends LogFilter {
  tailLines?: number;
  limitBytes?: number;
  follow?: boolean;
}

/** Who reads along: the source is not read on until the promise settles. */
export type Tap = (stream: LogLine['stream'], bytes: Buffer) => Promise<void>;

/** A line longer than this is stored in parts, as the CRI does. */
const LONGEST_LINE = 16_384;

export class ContainerLog {
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #events = new EventEmitter().setMaxListeners(0);
  #file: number | undefined;
  #bytes = 0;
  #rotations = 0;
  #writes = 0;

  /** @param maxBytes of one file; at most two are kept. */
  constructor(path: string, maxBytes = 10 * 1024 * 1024) {
    this.#path = path;
    this.#maxBytes = maxBytes;
    this.#file = openSync(path, 'a', 0o600);
  }

  get closed(): boolean {
    return this.#file === undefined;
  }

  /** Takes what the stream says until it ends. Resolves then. */
  async capture(source: Readable, stream: LogLine['stream'], tap?: Tap): Promise<void> {
    const decoder = new StringDecoder('utf8');
    let rest = '';
    const take = (text: string): void => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      const timestamp = logTimestamp(Date.now());
      const whole = lines.map((line): LogLine => ({ timestamp, stream, full: true, text: line }));
      while (rest.length >= LONGEST_LINE) {
        whole.push({ timestamp, stream, full: false, text: rest.slice(0, LONGEST_LINE) });
        rest = rest.slice(LONGEST_LINE);
      }
      this.#append(whole);
    };
    source.on('data', (chunk: Buffer) => {
      take(decoder.write(chunk));
      // A container that never stops talking must not keep everyone else in this process waiting.
      source.pause();
      const taken = tap?.(stream, chunk);
      if (taken === undefined) setImmediate(() => source.resume());
      else void taken.then(() => setImmediate(() => source.resume()));
    });
    // 'close' comes however the stream ends, also when it is destroyed because something still holds it open.
    await once(source, 'close');
    take(decoder.end());
    if (rest !== '') this.write(rest, stream, false);
  }

  write(text: string, stream: LogLine['stream'], full = true): void {
    this.#append([{ timestamp: logTimestamp(Date.now()), stream, full, text }]);
  }

  #append(lines: readonly LogLine[]): void {
    if (this.#file === undefined || lines.length === 0) return;
    this.#bytes += writeSync(this.#file, lines.map(encodeLine).join(''));
    if (this.#bytes >= this.#maxBytes) this.#rotate();
    this.#writes += 1;
    this.#events.emit('more');
  }

  /** No more lines come; followers end. */
  close(): void {
    if (this.#file === undefined) return;
    closeSync(this.#file);
    this.#file = undefined;
    this.#events.emit('more');
  }

  /** What is there, and with `follow` what comes until the log is closed or the signal aborts. */
  async *read(options: LogReadOptions, signal: AbortSignal): AsyncGenerator<string, void, undefined> {
    const cursor = new LogCursor({ path: this.#path, rotations: () => this.#rotations });
    let left = options.limitBytes ?? Infinity;
    const taken = (lines: readonly LogLine[]): string => {
      const text = lines
        .map((line) => renderLine(line, options))
        .join('')
        .slice(0, left);
      left -= text.length;
      return text;
    };
    try {
      const stored = options.tailLines === undefined ? [] : await lastLines(cursor, options.tailLines);
      if (stored.length > 0) yield taken(stored);
      while (left > 0 && !signal.aborted) {
        const written = this.#writes;
        const isLast = this.closed;
        const lines = await cursor.next();
        if (lines.length > 0) yield taken(lines);
        else if (options.follow !== true || isLast) return;
        else await this.#more(written, signal);
      }
    } finally {
      await cursor.close();
    }
  }

  /** Resolves when there was a write after `written` of them, the log is closed, or the signal aborts. */
  #more(written: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#events.off('more', done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#events.on('more', done);
      signal.addEventListener('abort', done);
      if (signal.aborted || this.closed || this.#writes !== written) done();
    });
  }

  #rotate(): void {
    if (this.#file === undefined) return;
    closeSync(this.#file);
    renameSync(this.#path, `${this.#path}.1`);
    this.#file = openSync(this.#path, 'a', 0o600);
    this.#bytes = 0;
    this.#rotations += 1;
  }
}

/** All that is there is read for it; only so many lines are kept. */
async function lastLines(cursor: LogCursor, count: number): Promise<LogLine[]> {
  let kept: LogLine[] = [];
  for (let lines = await cursor.next(); lines.length > 0; lines = await cursor.next()) {
    kept = count === 0 ? [] : [...kept, ...lines].slice(-count);
  }
  return kept;
}
