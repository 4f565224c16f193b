/** Queues: what each is entitled to, what it uses, and who waits. */
import type { Queue } from '@skyflow/contracts';
import { formatCpu, humanBytes } from '@skyflow/domain';
import { ageOf } from './age.js';
import type { View, ViewOptions } from './view.js';

export function queueView({ nowMs }: ViewOptions): View {
  return {
    columns: [
      { title: 'Name' },
      { title: 'Weight' },
      { title: 'Parent', shown: 'filled' },
      { title: 'Quota' },
      { title: 'Used' },
      { title: 'Borrowed' },
      { title: 'Running' },
      { title: 'Waiting' },
      { title: 'Oldest' },
      { title: 'Age', shown: 'wide' },
    ],
    rows: ({ object }) => {
      const { metadata, spec, status } = object as Queue;
      return [
        [
          metadata.name,
          String(spec.weight ?? 1),
          spec.parent ?? '',
          quotaLines(object as Queue).join('\n'),
          amountLines(status?.used).join('\n'),
          amountLines(status?.borrowed).join('\n'),
          String(status?.admitted ?? 0),
          String(status?.waiting ?? 0),
          status?.oldestWaitingSince === undefined ? '-' : ageOf(status.oldestWaitingSince, nowMs),
        ].concat(ageOf(metadata.creationTimestamp, nowMs)),
      ];
    },
  };
}

/** `cpu: 10`, a line for each resource; `-` for none. */
export const quotaLines = ({ spec }: Queue): string[] => {
  const lines = (spec.quotas ?? []).map(({ resource, nominal }) => `${resource}: ${String(nominal)}`);
  return lines.length === 0 ? ['-'] : lines;
};

/** Amounts in base units; pods are left out, they follow from the others. */
export function amountLines(amounts: Readonly<Record<string, number>> | undefined): string[] {
  const list = Object.entries(amounts ?? {}).filter(([resource, amount]) => resource !== 'pods' && amount !== 0);
  return list.length === 0 ? ['-'] : list.map(([resource, amount]) => `${resource}: ${inUnits(resource, amount)}`);
}

const inUnits = (resource: string, amount: number): string =>
  resource === 'cpu' ? formatCpu(amount) : resource === 'memory' ? humanBytes(amount) : String(amount);
