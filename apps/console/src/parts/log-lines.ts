/** Lines of a log that goes on: cut out of chunks, the last so many kept. */

export interface LogLines {
  /** What came after the last end of a line. */
  rest: string;
  lines: readonly string[];
  /** How many there were before those that are kept. */
  dropped: number;
}

export const NO_LINES: LogLines = { rest: '', lines: [], dropped: 0 };

export function withChunk({ rest, lines, dropped }: LogLines, chunk: string, most: number): LogLines {
  const parts = (rest + chunk).split('\n');
  const last = parts.pop() ?? '';
  if (parts.length === 0) return { rest: last, lines, dropped };
  const all = [...lines, ...parts];
  const over = Math.max(0, all.length - most);
  return { rest: last, lines: over === 0 ? all : all.slice(over), dropped: dropped + over };
}
