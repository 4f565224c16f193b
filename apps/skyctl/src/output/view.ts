/** A kind's table: its columns, and the rows of one object. Columns appear when they are asked for or have something to say. */
import type { ApiObject } from '@skyflow/contracts';
import type { Terminal } from './terminal.js';
import type { Table } from './table.js';

/** An object, and the cells that the server made of it where it was asked for a table. */
export interface Item {
  object: ApiObject;
  cells?: readonly unknown[];
}

interface ColumnSpec {
  title: string;
  /** `filled`: also without -o wide when any row has something in it. Default: always. */
  shown?: 'wide' | 'filled';
}

export interface View {
  columns: readonly ColumnSpec[];
  /** One cell per column; none of them undefined. */
  rows(item: Item): readonly (readonly string[])[];
}

export interface ViewOptions {
  wide: boolean;
  showLabels: boolean;
  /** Labels that have a column each. */
  labelColumns?: readonly string[];
  nowMs: number;
  terminal: Terminal;
  /** Objects of several namespaces are listed. */
  allNamespaces: boolean;
}

export function tableOf(
  view: View,
  items: readonly Item[],
  { wide, showLabels, labelColumns = [] }: ViewOptions,
): Table {
  const rows = items.flatMap((item) => {
    const labels = labelColumns.map((label) => item.object.metadata.labels?.[label] ?? '');
    return view.rows(item).map((row) => [...row, ...labels, ...(showLabels ? [labelText(item.object)] : [])]);
  });
  const columns: ColumnSpec[] = [
    ...view.columns,
    // As kubectl has them: without what is before the slash.
    ...labelColumns.map((label) => ({ title: label.slice(label.lastIndexOf('/') + 1) })),
    ...(showLabels ? [{ title: 'Labels' }] : []),
  ];
  const shown = columns.map(
    ({ shown: when }, index) =>
      when === undefined || wide || (when === 'filled' && rows.some((row) => (row[index] ?? '') !== '')),
  );
  return {
    columns: columns.filter((_, index) => shown[index]).map(({ title }) => title),
    rows: rows.map((row) => row.filter((_, index) => shown[index])),
  };
}

const labelText = ({ metadata }: ApiObject): string => {
  const text = Object.entries(metadata.labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return text.length > 0 ? text.join(',') : '<none>';
};
