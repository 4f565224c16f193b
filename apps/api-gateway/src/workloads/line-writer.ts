/** Many byte streams into one response, whole lines at a time, no faster than the reader reads. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

const NEWLINE = 0x0a;
/** A longer line is passed on in parts. */
const LONGEST_LINE_BYTES = 256 * 1024;

export class LineWriter {
  constructor(
    private readonly response: ServerResponse,
    private readonly signal: AbortSignal,
  ) {}

  /** Copies a stream; lines of several streams copied at once do not mix. */
  async copy(source: AsyncIterable<Uint8Array>, prefix: string): Promise<void> {
    const head = Buffer.from(prefix);
    let rest: Buffer = Buffer.alloc(0);
    for await (const bytes of source) {
      const data = rest.length === 0 ? Buffer.from(bytes) : Buffer.concat([rest, bytes]);
      const end = data.lastIndexOf(NEWLINE) + 1;
      const cut = end === 0 && data.length > LONGEST_LINE_BYTES ? data.length : end;
      rest = data.subarray(cut);
      if (cut > 0) await this.write(prefixed(data.subarray(0, cut), head));
    }
    if (rest.length > 0) await this.write(prefixed(Buffer.concat([rest, Buffer.from('\n')]), head));
  }

  /** A line of our own, told from the workload's by its mark. */
  async note(text: string): Promise<void> {
    await this.write(Buffer.from(`# skyflow: ${text.replaceAll('\n', ' ')}\n`));
  }

  private async write(bytes: Buffer): Promise<void> {
    this.signal.throwIfAborted();
    if (this.response.write(bytes)) return;
    await once(this.response, 'drain', { signal: this.signal });
  }
}

function prefixed(lines: Buffer, prefix: Buffer): Buffer {
  if (prefix.length === 0) return lines;
  const parts: Buffer[] = [];
  for (let start = 0; start < lines.length;) {
    const newline = lines.indexOf(NEWLINE, start);
    const end = newline < 0 ? lines.length : newline + 1;
    parts.push(prefix, lines.subarray(start, end));
    start = end;
  }
  return Buffer.concat(parts);
}
