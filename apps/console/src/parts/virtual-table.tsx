/**
 * A table of which only the rows in sight are in the document, however many there are. Readers of screens are told of all of them
 * (aria-rowcount), and it scrolls with the keyboard.
 */
import { type CSSProperties, type ReactElement, type ReactNode, useRef } from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';

export interface Column<T> {
  key: string;
  title: string;
  /** A track of a CSS grid. */
  width: string;
  cell: (row: T) => ReactNode;
  sortable?: boolean;
  /** Not on a phone. */
  wideOnly?: boolean;
}

export interface VirtualTableProps<T> {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string;
  sorted?: { column: string; descending: boolean };
  onSort?: (column: string) => void;
}

const ROW_PX = 38;

export function VirtualTable<T>({ label, columns, rows, keyOf, sorted, onSort }: VirtualTableProps<T>): ReactElement {
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const style = {
    '--columns': columns.map(({ width }) => width).join(' '),
    '--columns-narrow': columns
      .filter(({ wideOnly }) => wideOnly !== true)
      .map(({ width }) => width)
      .join(' '),
  } as CSSProperties;
  return (
    // It scrolls, so the keyboard must reach it.
    <div
      ref={frame}
      className="vtable"
      role="table"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      tabIndex={0}
      style={style}
    >
      <div role="rowgroup" className="vtable-head">
        <div role="row" className="vrow" aria-rowindex={1}>
          {columns.map(({ key, title, sortable, wideOnly }) => (
            <div
              key={key}
              role="columnheader"
              className={wideOnly === true ? 'wide-only' : undefined}
              aria-sort={sorted?.column !== key ? undefined : sorted.descending ? 'descending' : 'ascending'}
            >
              {sortable === true ? (
                <button type="button" className="sort" onClick={() => onSort?.(key)}>
                  {title}
                  <span aria-hidden="true">{sorted?.column !== key ? '' : sorted.descending ? ' ↓' : ' ↑'}</span>
                </button>
              ) : (
                title
              )}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" className="vtable-all" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          return row === undefined ? null : (
            <div
              key={keyOf(row)}
              role="row"
              className="vrow vrow-data"
              aria-rowindex={index + 2}
              style={{ transform: `translateY(${start}px)` }}
            >
              {columns.map(({ key, cell, wideOnly }) => (
                <div key={key} role="cell" className={wideOnly === true ? 'wide-only' : undefined}>
                  {cell(row)}
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}
