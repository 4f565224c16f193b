/**
 * Aligned columns in the seed's manner: titles as given, four spaces between, cells of several lines. Colours do not count
 * for the width; nothing is padded at the end of a line.
 */

export interface Table {
  columns: readonly string[];
  rows: readonly (readonly string[])[];
}

const GAP = '    ';
/** SGR sequences, which take no room. */
// eslint-disable-next-line no-control-regex -- ESC is what they start with
const COLOURS = /\u001b\[\d+m/g;

export function renderTable({ columns, rows }: Table, options: { headers?: boolean } = {}): string {
  const records = (options.headers === false ? rows : [columns, ...rows]).map((row) =>
    row.map((cell) => cell.split('\n')),
  );
  const widths = columns.map((_, column) =>
    records.reduce((widest, record) => Math.max(widest, ...(record[column] ?? ['']).map(widthOf)), 0),
  );
  return records
    .flatMap((record) => {
      const height = Math.max(1, ...record.map((lines) => lines.length));
      return Array.from({ length: height }, (_, line) =>
        record
          .map((lines, column) => pad(lines[line] ?? '', widths[column] ?? 0))
          .join(GAP)
          .trimEnd(),
      );
    })
    .join('\n');
}

/** Columns a terminal needs for the text: code points, wide ones of East Asian scripts twice. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text.replaceAll(COLOURS, '')) width += WIDE.test(character) ? 2 : 1;
  return width;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}]/u;

const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)));
