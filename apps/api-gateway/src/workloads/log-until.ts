/** The log of a container up to a moment, of lines that begin with their times; which the cluster itself cannot be asked for. */
import { compareLogTimes, splitLogLine } from '@skyflow/domain';
import type { LogsRequest } from '@skyflow/contracts';

export interface LogUntil {
  /** Last moment, RFC 3339. */
  until: string;
  /** Only so many of the last lines. */
  tailLines?: number | undefined;
  /** Lines keep their times. */
  timestamps?: boolean | undefined;
}

/** What the last lines may take in memory while the end is looked for. */
export const TAIL_BYTES = 8 << 20;
/** Longer than a time with nine digits and a zone. */
const TIME_BYTES = 48;
/** A longer line is passed on in parts. */
const LONGEST_LINE_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

/** What to ask of the cluster: every line with its time, from where the reader begins; the rest is seen to here. */
export function requestUntil(request: LogsRequest, until: string): LogsRequest {
  const { follow: _follow, tailLines: _tail, limitBytes: _limit, sinceSeconds, previous: _previous, ...rest } = request;
  if (sinceSeconds === undefined) return { ...rest, timestamps: true };
  return { ...rest, timestamps: true, sinceTime: new Date(Date.parse(until) - sinceSeconds * 1_000).toISOString() };
}

/** Whole lines, many at a time. Leaves off reading at the first line that is later. */
export async function* logUntil(
  source: AsyncIterable<Uint8Array>,
  { until, tailLines, timestamps }: LogUntil,
): AsyncGenerator<Buffer, void, undefined> {
  const tail = tailLines === undefined ? undefined : new Tail(tailLines);
  let rest: Buffer = Buffer.alloc(0);
  const take = (data: Buffer): { lines: Buffer[]; isOver: boolean } => {
    const lines: Buffer[] = [];
    for (let start = 0; start < data.length;) {
      const newline = data.indexOf(NEWLINE, start);
      const end = newline < 0 ? data.length : newline + 1;
      const line = data.subarray(start, end);
      const head = line.toString('latin1', 0, TIME_BYTES);
      const parts = splitLogLine(head);
      if (parts !== undefined && compareLogTimes(parts.time, until) > 0) return { lines, isOver: true };
      lines.push(parts === undefined || timestamps === true ? line : line.subarray(head.length - parts.text.length));
      start = end;
    }
    return { lines, isOver: false };
  };
  for await (const bytes of source) {
    const data = rest.length === 0 ? Buffer.from(bytes) : Buffer.concat([rest, bytes]);
    const whole = data.lastIndexOf(NEWLINE) + 1;
    const end = whole === 0 && data.length > LONGEST_LINE_BYTES ? data.length : whole;
    rest = data.subarray(end);
    const { lines, isOver } = take(data.subarray(0, end));
    if (tail !== undefined) tail.push(lines);
    else if (lines.length > 0) yield Buffer.concat(lines);
    if (!isOver) continue;
    rest = Buffer.alloc(0);
    break;
  }
  const { lines } = take(rest);
  if (tail === undefined) yield* lines;
  else yield* tail.push(lines).lines();
}

/** The last lines, as far as there is room for them. */
class Tail {
  private kept: Buffer[] = [];
  private bytes = 0;
  private isShort = false;

  constructor(private readonly most: number) {}

  push(lines: readonly Buffer[]): this {
    for (const line of lines) {
      // A copy: a part of a chunk would hold all of it.
      this.kept.push(Buffer.from(line));
      this.bytes += line.length;
    }
    let first = Math.max(0, this.kept.length - this.most);
    let left = this.kept.slice(0, first).reduce((bytes, line) => bytes - line.length, this.bytes);
    for (; left > TAIL_BYTES && first < this.kept.length - 1; first += 1) {
      left -= this.kept[first]?.length ?? 0;
      this.isShort = true;
    }
    if (first > 0) this.kept = this.kept.slice(first);
    this.bytes = left;
    return this;
  }

  *lines(): Generator<Buffer> {
    if (this.isShort) {
      yield Buffer.from(`# skyflow: of the last ${this.most} lines by then only ${TAIL_BYTES >> 20} MiB are shown\n`);
    }
    yield* this.kept;
  }
}
