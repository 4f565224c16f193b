/** Lines that fit a terminal. */
import { widthOf } from './table.js';

/** To so many columns, colours kept whole and ended. */
export function cut(line: string, columns: number): string {
  let width = 0;
  let text = '';
  // eslint-disable-next-line no-control-regex -- ESC is what colours start with
  for (const [part] of line.matchAll(/\u001b\[\d+m|./gsu)) {
    if (!part.startsWith('\u001b') && (width += widthOf(part)) > columns) continue;
    text += part;
  }
  return text;
}
