/**
 * The log of one run of one container: what its process writes, line by line with the time, in a file of bounded size
 * (rotated once, the oldest part is dropped), and readers that follow it.
 */
import { EventEmitter, once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { decodeLine, encodeLine, type LogFilter, type LogLine, logTimestamp, renderLine } from './log-line.js';

export interface LogReadOptions extends LogFilter {
  tailLines?: number;
  limitBytes?: number;
  follow?: boolean;
}

/** A line longer than this is stored in parts, as the CRI does. */
const LONGEST_LINE = 16_384;

export class ContainerLog {
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #events = new EventEmitter().setMaxListeners(0);
  #file: number | undefined;
  #bytes = 0;

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
  async capture(source: Readable, stream: LogLine['stream']): Promise<void> {
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
      setImmediate(() => source.resume());
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
    if (this.#events.listenerCount('line') > 0) for (const line of lines) this.#events.emit('line', line);
  }

  /** No more lines come; followers end. */
  close(): void {
    if (this.#file === undefined) return;
    closeSync(this.#file);
    this.#file = undefined;
    this.#events.emit('end');
  }

  /** What is there, and with `follow` what comes until the log is closed or the signal aborts. */
  async *read(options: LogReadOptions, signal: AbortSignal): AsyncGenerator<string, void, undefined> {
    const waiting: LogLine[] = [];
    let wake = (): void => undefined;
    const onLine = (line: LogLine): void => {
      waiting.push(line);
      wake();
    };
    const onEnd = (): void => wake();
    if (options.follow === true) {
      this.#events.on('line', onLine).on('end', onEnd);
      signal.addEventListener('abort', onEnd);
    }
    try {
      let left = options.limitBytes ?? Infinity;
      const stored = tail(readStored(this.#path), options.tailLines)
        .map((line) => renderLine(line, options))
        .join('');
      if (stored !== '') yield stored.slice(0, left);
      left -= stored.length;
      while (options.follow === true && left > 0 && !signal.aborted) {
        const line = waiting.shift();
        if (line === undefined) {
          if (this.closed) return;
          await new Promise<void>((resolve) => (wake = resolve));
          continue;
        }
        const text = renderLine(line, options).slice(0, left);
        left -= text.length;
        if (text !== '') yield text;
      }
    } finally {
      this.#events.off('line', onLine).off('end', onEnd);
      signal.removeEventListener('abort', onEnd);
    }
  }

  #rotate(): void {
    if (this.#file === undefined) return;
    closeSync(this.#file);
    renameSync(this.#path, `${this.#path}.1`);
    this.#file = openSync(this.#path, 'a', 0o600);
    this.#bytes = 0;
  }
}

function readStored(path: string): LogLine[] {
  return [`${path}.1`, path]
    .filter((file) => existsSync(file))
    .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
    .map(decodeLine)
    .filter((line) => line !== undefined);
}

const tail = (lines: LogLine[], count: number | undefined): LogLine[] =>
  count === undefined ? lines : count === 0 ? [] : lines.slice(-count);
