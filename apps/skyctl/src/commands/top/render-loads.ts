/** Loads as a table: amounts and percentages, with bars on a terminal. */
import type { ResourceList } from '@skyflow/contracts';
import { humanBytes } from '@skyflow/domain';
import { bar } from '../../output/bar.js';
import { decimals } from '../../output/resources.js';
import { renderTable } from '../../output/table.js';
import type { Terminal } from '../../output/terminal.js';
import type { Load } from './loads.js';

export type SortColumn = 'cpu' | 'memory' | 'gpu' | 'name';

export interface LoadTable {
  /** Titles of the cells of each load. */
  columns: readonly string[];
  loads: readonly Load[];
}

export interface LoadOptions {
  sortBy: SortColumn;
  terminal: Terminal;
  headers: boolean;
}

export function renderLoads({ columns, loads }: LoadTable, { sortBy, terminal, headers }: LoadOptions): string {
  if (loads.length === 0) return `No ${(columns[0] ?? '').toLowerCase()}s.`;
  const bounded = loads.some((load) => load.of !== undefined);
  const gpus = loads.some((load) => gpusIn(load.used) + gpusIn(load.of) > 0);
  const rows = sorted(loads, sortBy).map((load) => [
    ...load.cells,
    ...amountCells(
      terminal,
      load,
      bounded,
      (list) => list.cpu ?? 0,
      (amount) => decimals(amount / 1_000, 2),
    ),
    ...amountCells(terminal, load, bounded, (list) => list.memory ?? 0, humanBytes),
    ...(gpus ? amountCells(terminal, load, bounded, gpusIn, String) : []),
  ]);
  const titles = ['CPU', 'Memory', ...(gpus ? ['GPUs'] : [])].flatMap((title) =>
    bounded ? [title, `${title}%`] : [title],
  );
  return renderTable({ columns: [...columns, ...titles], rows }, { headers });
}

/** `1/2` and how much of it that is. */
function amountCells(
  terminal: Terminal,
  { used, of }: Load,
  bounded: boolean,
  amountIn: (list: ResourceList) => number,
  words: (amount: number) => string,
): string[] {
  if (!bounded) return [words(amountIn(used))];
  const [taken, all] = [amountIn(used), amountIn(of ?? {})];
  const part = all === 0 ? 0 : taken / all;
  const percent = all === 0 ? '-' : `${Math.round(part * 100)}%`;
  return [
    `${words(taken)}/${words(all)}`,
    terminal.isTerminal && all > 0 ? `${bar(terminal, part)} ${percent}` : percent,
  ];
}

/** GPUs of any type. */
const gpusIn = (list: ResourceList = {}): number =>
  Object.entries(list).reduce((sum, [name, amount]) => sum + (/(^|\/)gpu($|[.-])/.test(name) ? amount : 0), 0);

/** The fullest first where there is a bound, else the largest. */
function sorted(loads: readonly Load[], sortBy: SortColumn): Load[] {
  const nameOf = ({ cells }: Load): string => cells.slice(0, 2).join('/');
  const byName = (a: Load, b: Load): number => (nameOf(a) < nameOf(b) ? -1 : 1);
  if (sortBy === 'name') return [...loads].sort(byName);
  const amountIn = (list: ResourceList = {}): number => (sortBy === 'gpu' ? gpusIn(list) : (list[sortBy] ?? 0));
  const weightOf = ({ used, of }: Load): number => {
    const all = amountIn(of);
    return of === undefined ? amountIn(used) : all === 0 ? 0 : amountIn(used) / all;
  };
  return [...loads].sort((a, b) => weightOf(b) - weightOf(a) || byName(a, b));
}
