/** Usage as a table: hours instead of the API's seconds, a row per name and period. */
import { decimals } from '../../output/resources.js';
import { renderTable } from '../../output/table.js';

interface Amounts {
  replicaSeconds: number;
  cpuSeconds: number;
  memoryByteSeconds: number;
  otherResourceSeconds: Readonly<Record<string, number>>;
}

/** What the gateway answers at `/usage`. */
export interface UsageReport {
  by: string;
  periods: readonly {
    from: string;
    to: string;
    items: readonly (Amounts & { name: string })[];
    total: Amounts;
  }[];
}

const SECONDS_PER_HOUR = 3_600;
const GIBIBYTE = 2 ** 30;

export function renderUsage({ by, periods }: UsageReport, { headers }: { headers: boolean }): string {
  const others = [...new Set(periods.flatMap(({ total }) => Object.keys(total.otherResourceSeconds)))].sort();
  const series = periods.length > 1;
  const rows = periods.flatMap(({ from, to, items }) =>
    items.map(({ name, ...amounts }) => [
      ...(series ? [shortTime(from), shortTime(to)] : []),
      name,
      hours(amounts.replicaSeconds),
      hours(amounts.cpuSeconds),
      hours(amounts.memoryByteSeconds / GIBIBYTE),
      ...others.map((resource) => hours(amounts.otherResourceSeconds[resource] ?? 0)),
    ]),
  );
  if (rows.length === 0) {
    const [begin = '', end = ''] = [periods[0]?.from, periods.at(-1)?.to];
    return `Nothing was held of any cluster from ${shortTime(begin)} to ${shortTime(end)}.`;
  }
  const columns = [
    ...(series ? ['From', 'To'] : []),
    `${by.slice(0, 1).toUpperCase()}${by.slice(1)}`,
    ...['Replica hours', 'CPU hours', 'GiB hours'],
    ...others.map((resource) => `${resource} hours`),
  ];
  return renderTable({ columns, rows }, { headers });
}

const hours = (seconds: number): string => decimals(seconds / SECONDS_PER_HOUR, 2);
const shortTime = (time: string): string => time.replace('T', ' ').replace(/\.\d+Z$/, 'Z');
