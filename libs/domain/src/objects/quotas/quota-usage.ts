/** What of a quota is used: by name, in base units; and the status that says so. */
import type { ObjectRecord } from '../object-record.js';
import type { ObjectTable } from '../object-table.js';
import { type Measure, amountText, measureOf } from './quota-names.js';
import type { UsageBook } from './usage-book.js';

export interface QuotaSpec {
  hard?: Readonly<Record<string, string | number>>;
}

export interface QuotaBasis {
  readonly table: ObjectTable;
  readonly usage: UsageBook;
}

export const quotaSpecOf = (record: ObjectRecord): QuotaSpec =>
  record.body === '' ? {} : ((JSON.parse(record.body) as { spec?: QuotaSpec }).spec ?? {});

/** v1 ResourceQuotaStatus. */
export function quotaStatus(record: ObjectRecord, basis: QuotaBasis): object {
  const { hard = {} } = quotaSpecOf(record);
  const used = Object.keys(hard).map((name) => [name, amountText(name, usedOf(basis, record.namespace, name))]);
  return { hard, used: Object.fromEntries(used) as Record<string, string> };
}

export function usedOf(basis: QuotaBasis, namespace: string, name: string): number {
  return measured(basis, namespace, measureOf(name) ?? { of: 'nothing' });
}

function measured({ table, usage }: QuotaBasis, namespace: string, measure: Measure): number {
  switch (measure.of) {
    case 'pods':
      return usage.of(namespace).pods;
    case 'requests':
    case 'limits':
      return usage.of(namespace)[measure.of][measure.resource] ?? 0;
    case 'objects': {
      const { kind, only } = measure;
      if (only === undefined) return table.count(kind, namespace);
      let count = 0;
      for (const record of table.ordered(kind, namespace)) if (isOfType(JSON.parse(record.body), only)) count += 1;
      return count;
    }
    case 'nothing':
      return 0;
  }
}

/** As Kubernetes counts services: one with a load balancer has node ports, too. */
export function isOfType(object: unknown, only: 'LoadBalancer' | 'NodePort'): boolean {
  const { type } = (object as { spec?: { type?: unknown } }).spec ?? {};
  return type === 'LoadBalancer' || type === only;
}
