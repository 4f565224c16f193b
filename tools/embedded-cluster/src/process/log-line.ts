/** Lines of container logs as the CRI stores them: `<RFC 3339 with nanoseconds> stdout|stderr F|P <text>`. */

export interface LogLine {
  timestamp: string;
  stream: 'stdout' | 'stderr';
  /** Whole line; a partial one continues in the next. */
  full: boolean;
  text: string;
}

export interface LogFilter {
  /** Only lines from this time on, ms since the epoch. */
  sinceMs?: number;
  timestamps?: boolean;
}

export const encodeLine = ({ timestamp, stream, full, text }: LogLine): string =>
  `${timestamp} ${stream} ${full ? 'F' : 'P'} ${text}\n`;

/** Undefined for a line that is none (a file cut off by a crash). */
export function decodeLine(line: string): LogLine | undefined {
  const match = /^(\S+) (stdout|stderr) ([FP]) ?/.exec(line);
  if (match === null) return undefined;
  return {
    timestamp: match[1] ?? '',
    stream: match[2] as LogLine['stream'],
    full: match[3] === 'F',
    text: line.slice(match[0].length),
  };
}

/** What a client gets to see of a line, or '' when the filter leaves it out. */
export function renderLine(line: LogLine, filter: LogFilter): string {
  if (filter.sinceMs !== undefined && Date.parse(line.timestamp) < filter.sinceMs) return '';
  return `${filter.timestamps === true ? `${line.timestamp} ` : ''}${line.text}${line.full ? '\n' : ''}`;
}

/** RFC 3339 with nine digits, which sorts as text; the machine's clock gives the first three. */
export const logTimestamp = (ms: number): string => new Date(ms).toISOString().replace('Z', '000000Z');
