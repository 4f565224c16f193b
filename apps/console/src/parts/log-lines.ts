/** Lines of a log that goes on: cut out of chunks, the last so many kept. */

export interface LogLines {
  /** What came after the last end of a line. */
  rest: string;
  lines: readonly string[];
  /** How many there were before those that are kept. */
  dropped: number;
}

export const NO_LINES: LogLines = { rest: '', lines: [], dropped: 0 };

/** @param isKept what else is no line of this log */
export function withChunk(
  { rest, lines, dropped }: LogLines,
  chunk: string,
  most: number,
  isKept: (line: string) => boolean = () => true,
): LogLines {
  const cut = (rest + chunk).split('\n');
  const last = cut.pop() ?? '';
  const parts = cut.filter(isKept);
  if (parts.length === 0) return { rest: last, lines, dropped };
  const all = [...lines, ...parts];
  const over = Math.max(0, all.length - most);
  return { rest: last, lines: over === 0 ? all : all.slice(over), dropped: dropped + over };
}

/** `[cluster/pod/container] 2026-11-24T10:00:00.123456789Z text`, as the gateway writes lines with prefix and time. */
const TIMED = /^(\[[^\]]*\] )?(\d{4}-\d\d-\d\dT[\d:.]+Z) ?/;

/** Whether a line with its time is not of later; a line without one belongs to those around it. */
export function isUntil(line: string, untilMs: number): boolean {
  const [, , time] = TIMED.exec(line) ?? [];
  return time === undefined || Date.parse(time) <= untilMs;
}
