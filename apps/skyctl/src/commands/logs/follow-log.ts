/**
 * A followed log that outlives its connection: asked for again from the last line of each container, without loss, and without a
 * line twice as far as times tell (libs/domain, LogPosition).
 */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { LOG_START, type LogPosition, compareLogTimes, readLogLine, resumeLog, splitLogLine } from '@skyflow/domain';
import { CliError } from '../../cli/cli-error.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import type { OutputStream } from '../../output/terminal.js';

export type LogQuery = Record<string, string | number | boolean | undefined>;

const RETRY_MS = 1_000;
const LONGEST_PAUSE_MS = 10_000;

/** Resolves when the log has ended. @throws CliError when it is refused; a lost connection is tried again for ever */
export async function followLog(
  gateway: GatewayClient,
  path: string,
  query: LogQuery,
  sink: OutputStream,
  onConnection: (error: Error | undefined) => void,
): Promise<void> {
  const reader = new FollowedLines(query);
  let pauseMs = RETRY_MS;
  for (let isLost = false; ; isLost = true) {
    try {
      const stream = await gateway.stream({ path, query: reader.query() });
      if (isLost) onConnection(undefined);
      pauseMs = RETRY_MS;
      for await (const chunk of stream) await writeTo(sink, reader.take(chunk as Buffer));
      await writeTo(sink, reader.rest());
      return;
    } catch (error) {
      if (error instanceof CliError && (!isLost || !isPassing(error))) throw error;
      if (!isLost || pauseMs === RETRY_MS) onConnection(error as Error);
      reader.lost();
    }
    await pause(pauseMs);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
}

/** The server, or the way to it, is not there at the moment. */
const isPassing = ({ code }: CliError): boolean => code === EXIT.unavailable || code === EXIT.timeout;

export async function writeTo(sink: OutputStream, bytes: Uint8Array): Promise<void> {
  if (bytes.length > 0 && sink.write(bytes) === false) await once(sink as NodeJS.WriteStream, 'drain');
}

/** Lines are asked for with their source and time, and given out as the user wants them. */
class FollowedLines {
  private readonly positions = new Map<string, LogPosition>();
  private readonly hasSources: boolean;
  private left: Buffer = Buffer.alloc(0);

  constructor(private readonly asked: LogQuery) {
    // Of a workload there are many; of a single pod lines have no source.
    this.hasSources = 'prefix' in asked;
  }

  query(): LogQuery {
    const since = this.oldest();
    const { tailLines, sinceSeconds, sinceTime } = this.asked;
    const from = since === undefined ? { tailLines, sinceSeconds, sinceTime } : { sinceTime: since };
    return {
      ...this.asked,
      tailLines: undefined,
      sinceSeconds: undefined,
      ...from,
      timestamps: true,
      ...(this.hasSources ? { prefix: true } : {}),
    };
  }

  /** Whole lines that are new. */
  take(chunk: Buffer): Buffer {
    const data = this.left.length === 0 ? chunk : Buffer.concat([this.left, chunk]);
    const end = data.lastIndexOf(0x0a) + 1;
    this.left = data.subarray(end);
    return this.shown(data.subarray(0, end));
  }

  rest(): Buffer {
    return this.shown(this.left);
  }

  lost(): void {
    this.left = Buffer.alloc(0);
    for (const [source, position] of this.positions) this.positions.set(source, resumeLog(position));
  }

  private shown(data: Buffer): Buffer {
    // latin1 keeps every byte as it is, whatever the text is encoded in.
    const lines = data.toString('latin1').match(/[^\n]*\n|[^\n]+$/g) ?? [];
    return Buffer.from(lines.map((line) => this.line(line)).join(''), 'latin1');
  }

  private line(line: string): string {
    const source = this.hasSources ? (/^\[[^\]\n]*\] /.exec(line)?.[0] ?? '') : '';
    const parts = splitLogLine(line.slice(source.length));
    if (parts === undefined) return line;
    const { position, isNew } = readLogLine(this.positions.get(source) ?? LOG_START, parts.time);
    this.positions.set(source, position);
    if (!isNew) return '';
    const time = this.asked.timestamps === true ? `${parts.time} ` : '';
    return `${this.asked.prefix === true ? source : ''}${time}${parts.text}`;
  }

  /** Every container is read again from the time of the one that is furthest behind. */
  private oldest(): string | undefined {
    const times = [...this.positions.values()].map(({ at }) => at).filter((at) => at !== '');
    return times.sort(compareLogTimes)[0];
  }
}
