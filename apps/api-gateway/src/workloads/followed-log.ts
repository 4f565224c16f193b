/**
 * The log of one container, followed over the loss of its agent, of its cluster's API, and of its container: opened again from
 * the last line, without loss, and without a line twice as far as times tell (libs/domain, LogPosition). Whole lines only.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type AgentStream, AGENT_UNAVAILABLE, AgentLinkError, STREAM_BROKEN } from '@skyflow/agent-link';
import type { LogsRequest } from '@skyflow/contracts';
import { LOG_START, readLogLine, resumeLog, splitLogLine } from '@skyflow/domain';

export interface FollowedLogOptions {
  /** What the reader asked for. */
  request: LogsRequest;
  open: (request: LogsRequest) => AgentStream;
  signal: AbortSignal;
  /** Whether what it belongs to is still there; if not, what is lost stays lost. */
  isWanted: () => boolean;
  /** The connection is lost; it is tried again. */
  onLost: (why: AgentLinkError) => Promise<void>;
  /** It goes on. */
  onFoundAgain: () => Promise<void>;
}

/** A longer line is passed on in parts. */
const LONGEST_LINE_BYTES = 256 * 1024;
const RETRY_MS = 1_000;
/** Longer than a time with nine digits and a zone. */
const TIME_BYTES = 48;
const NEWLINE = 0x0a;
const LOST = new Set<string>([AGENT_UNAVAILABLE, STREAM_BROKEN, '502', '503']);
const NOT_YET = /waiting to start|does not have a host assigned/;

/** What is said of a loss while it is tried again. */
export const lossOf = (error: Error): string =>
  `${error.message.replace('; ask again for the rest', '')}; waiting for it`;

export class FollowedLog implements AsyncIterable<Buffer> {
  private position = LOG_START;

  constructor(private readonly options: FollowedLogOptions) {}

  /** Ends when the container has. Iterate it again when there is another: it goes on after the last line. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    const { options } = this;
    let isLost = false;
    for (;;) {
      const stream = options.open(this.request());
      this.position = resumeLog(this.position);
      try {
        await stream.opened;
        if (isLost) await options.onFoundAgain();
        isLost = false;
        yield* this.linesOf(stream);
        return;
      } catch (error) {
        options.signal.throwIfAborted();
        if (!(error instanceof AgentLinkError) || !options.isWanted()) throw error;
        const isNotYet = error.code === '400' && NOT_YET.test(error.message);
        if (!isNotYet && !LOST.has(error.code)) throw error;
        if (!isLost && !isNotYet) await options.onLost(error);
        isLost = !isNotYet;
      }
      await pause(RETRY_MS, undefined, { signal: options.signal });
    }
  }

  /** Where it goes on; its beginning is as the reader asked. */
  private request(): LogsRequest {
    const { tailLines, sinceSeconds, ...rest } = this.options.request;
    const { at } = this.position;
    if (at !== '') return { ...rest, timestamps: true, sinceTime: at };
    return {
      ...rest,
      timestamps: true,
      ...(tailLines === undefined ? {} : { tailLines }),
      ...(sinceSeconds === undefined ? {} : { sinceSeconds }),
    };
  }

  private async *linesOf(stream: AgentStream): AsyncGenerator<Buffer, void, undefined> {
    let rest: Buffer = Buffer.alloc(0);
    for await (const bytes of stream) {
      const data = rest.length === 0 ? Buffer.from(bytes) : Buffer.concat([rest, bytes]);
      const end = data.lastIndexOf(NEWLINE) + 1;
      const cut = end === 0 && data.length > LONGEST_LINE_BYTES ? data.length : end;
      rest = data.subarray(cut);
      const lines = this.newLines(data.subarray(0, cut));
      if (lines.length > 0) yield lines;
    }
    const last = this.newLines(rest);
    if (last.length > 0) yield last;
  }

  private newLines(data: Buffer): Buffer {
    const taken: Buffer[] = [];
    for (let start = 0; start < data.length;) {
      const newline = data.indexOf(NEWLINE, start);
      const end = newline < 0 ? data.length : newline + 1;
      const line = this.take(data.subarray(start, end));
      if (line !== undefined) taken.push(line);
      start = end;
    }
    return taken.length === 1 ? (taken[0] as Buffer) : Buffer.concat(taken);
  }

  /** The line as the reader wants it; undefined: it was read before. */
  private take(line: Buffer): Buffer | undefined {
    const head = line.toString('latin1', 0, TIME_BYTES);
    const parts = splitLogLine(head);
    if (parts === undefined) return line;
    const { position, isNew } = readLogLine(this.position, parts.time);
    this.position = position;
    if (!isNew) return undefined;
    return this.options.request.timestamps === true ? line : line.subarray(head.length - parts.text.length);
  }
}
