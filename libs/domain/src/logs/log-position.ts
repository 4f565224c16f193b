/**
 * Where a reader of a container's log is, so that it can go on after a lost connection: without loss, and without a line
 * twice as far as the times of the lines tell them apart. Lines are read again from the time of the last one; those that were
 * read before are told by their time, and by their number where several have the same.
 */

export interface LogPosition {
  /** Time of the last line, as it was given (RFC 3339); '' before the first. */
  at: string;
  /** Lines read that have this very time. */
  lines: number;
  /** Of those, how many are still to come again. */
  again: number;
  /** Lines from before may come again. */
  resuming: boolean;
}

export const LOG_START: LogPosition = { at: '', lines: 0, again: 0, resuming: false };

/** The connection was lost; the log is read again from `at` on. */
export const resumeLog = (position: LogPosition): LogPosition => ({
  ...position,
  again: position.lines,
  resuming: position.at !== '',
});

/** A whole line came. `isNew` is false for one that was read before. */
export function readLogLine(position: LogPosition, time: string): { position: LogPosition; isNew: boolean } {
  const order = position.at === '' ? 1 : compareLogTimes(time, position.at);
  if (position.resuming && order < 0) return { position, isNew: false };
  if (position.resuming && order === 0 && position.again > 0) {
    return { position: { ...position, again: position.again - 1 }, isNew: false };
  }
  const lines = order === 0 ? position.lines + 1 : 1;
  return { position: { at: time, lines, again: 0, resuming: false }, isNew: true };
}

/** Kubelets write nine digits of a second, Go's RFC3339Nano only as many as are needed; zones may differ between nodes. */
export function compareLogTimes(a: string, b: string): number {
  if (a === b) return 0;
  const seconds = secondsOf(a) - secondsOf(b);
  if (seconds !== 0 || Number.isNaN(seconds)) return seconds;
  const [left, right] = [fractionOf(a), fractionOf(b)];
  return left === right ? 0 : left < right ? -1 : 1;
}

/** Undefined for a line that does not begin with a time. The text keeps its line break. */
export function splitLogLine(line: string): { time: string; text: string } | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) ?/.exec(line);
  return match?.[1] === undefined ? undefined : { time: match[1], text: line.slice(match[0].length) };
}

const FRACTION = /\.(\d+)/;
const secondsOf = (time: string): number => Date.parse(time.replace(FRACTION, '')) / 1_000;
const fractionOf = (time: string): string => (FRACTION.exec(time)?.[1] ?? '').padEnd(9, '0');
