/**
 * A table of which only the rows in sight are in the document, however many there are. Readers of screens are told of all of them
 * (aria-rowcount), and it scrolls with the keyboard.
 */
import { type CSSProperties, type ReactElement, type ReactNode, useEffect, useRef } from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';

export interface Column<T> {
  key: string;
  title: string;
  /** A track of a CSS grid; on a phone another. */
  width: string;
  narrow?: string;
  cell: (row: T) => ReactNode;
  sortable?: boolean;
  /** Not on a phone. */
  wideOnly?: boolean;
}

export interface VirtualTableProps<T> {
  label: string;
  columns: readonly Column<T>[];
  /** How many rows there are. */
  count: number;
  /** Undefined: not known yet. */
  rowAt: (index: number) => T | undefined;
  /** Told which rows are in sight or near. */
  onRange: (from: number, to: number) => void;
  /** When this is another, the first row is shown. */
  of: string;
  keyOf: (row: T) => string;
  sorted?: { column: string; descending: boolean };
  onSort?: (column: string) => void;
}

const ROW_PX = 38;

export function VirtualTable<T>({
  label,
  columns,
  count,
  rowAt,
  onRange,
  of,
  keyOf,
  sorted,
  onSort,
}: VirtualTableProps<T>): ReactElement {
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const [from, to] = [items[0]?.index ?? 0, (items.at(-1)?.index ?? -1) + 1];
  useEffect(() => onRange(from, to), [from, to, onRange]);
  useEffect(() => {
    // In braces: newer browsers return a promise, which is no clean-up.
    frame.current?.scrollTo(0, 0);
  }, [of]);
  const style = {
    '--columns': columns.map(({ width }) => width).join(' '),
    '--columns-narrow': columns
      .filter(({ wideOnly }) => wideOnly !== true)
      .map(({ width, narrow }) => narrow ?? width)
      .join(' '),
  } as CSSProperties;
  return (
    // It scrolls, so the keyboard must reach it.
    <div
      ref={frame}
      className="vtable"
      role="table"
      aria-label={label}
      aria-rowcount={count + 1}
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
        {items.map(({ index, start }) => {
          const row = rowAt(index);
          return (
            <div
              key={row === undefined ? `row ${index}` : keyOf(row)}
              role="row"
              className="vrow vrow-data"
              aria-rowindex={index + 2}
              style={{ transform: `translateY(${start}px)` }}
            >
              {columns.map(({ key, cell, wideOnly }) => (
                <div key={key} role="cell" className={wideOnly === true ? 'wide-only' : undefined}>
                  {row === undefined ? '' : cell(row)}
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}
