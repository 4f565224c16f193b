/** The report as a table for people and as JSON for machines. */
import type { Row } from './row.js';

const columns = ['id', 'budget', 'value', 'limit here', 'of limit', 'floor', 'aim', 'meets'] as const;

export function renderTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.id,
    row.name,
    figure(row.value, row.unit),
    row.limit === undefined ? '–' : figure(row.limit, row.unit),
    row.limit === undefined ? '–' : share(row, row.limit),
    figure(row.floor, row.unit),
    figure(row.aim, row.unit),
    row.meets === 'below floor' ? 'BELOW FLOOR' : row.meets,
  ]);
  const widths = columns.map((title, at) => Math.max(title.length, ...cells.map((line) => line[at]?.length ?? 0)));
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, at) => text.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  const notes = rows.filter(({ note }) => note !== undefined).map(({ id, note }) => `${id}: ${note ?? ''}`);
  return [line(columns), ...cells.map(line), '', ...notes].join('\n');
}

/** How near the value is to the machine's limit. */
const share = (row: Row, limit: number): string =>
  row.better === 'higher' ? `${Math.round((100 * row.value) / limit)} %` : `${(row.value / limit).toFixed(1)}×`;

function figure(value: number, unit: string): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toLocaleString('en-US', { maximumFractionDigits: digits })} ${unit}`;
}
