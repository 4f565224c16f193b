/** Columns of queues and priority classes, as kubectl shows them. */
import type { KubeObject, QueueSpec, QueueStatus, TableColumn } from '@skyflow/contracts';
import { formatCpu, humanBytes } from '@skyflow/domain';
import { ageColumn, column, nameColumn } from './columns.js';

const queueOf = (object: KubeObject): Partial<QueueStatus> => object.status ?? {};
const queueSpecOf = (object: KubeObject): QueueSpec => object.spec ?? {};

const amountsText = (amounts: Readonly<Record<string, number>> | undefined): string => {
  const list = Object.entries(amounts ?? {}).filter(([resource, amount]) => resource !== 'pods' && amount !== 0);
  return list.length === 0 ? '-' : list.map(([name, amount]) => `${name}=${inUnits(name, amount)}`).join(',');
};
const inUnits = (resource: string, amount: number): string =>
  resource === 'cpu' ? formatCpu(amount) : resource === 'memory' ? humanBytes(amount) : String(amount);

export const queueColumns: readonly TableColumn[] = [
  nameColumn,
  column('Weight', 'Share among its siblings.', (object) => String(queueSpecOf(object).weight ?? 1)),
  column('Parent', 'The queue that it belongs to.', (object) => queueSpecOf(object).parent ?? '-'),
  column('Quota', 'Nominal quota.', (object) => {
    const quotas = queueSpecOf(object).quotas ?? [];
    return quotas.length === 0
      ? '-'
      : quotas.map(({ resource, nominal }) => `${resource}=${String(nominal)}`).join(',');
  }),
  column('Used', 'What its workloads hold.', (object) => amountsText(queueOf(object).used)),
  column('Borrowed', 'Beyond the nominal quota.', (object) => amountsText(queueOf(object).borrowed)),
  column('Waiting', 'Workloads that wait.', (object) => String(queueOf(object).waiting ?? 0)),
  {
    ...column('Oldest', 'How long the oldest of them waits.', (object) => queueOf(object).oldestWaitingSince ?? ''),
    type: 'date',
  },
  ageColumn,
];

/** As kube-apiserver prints them. */
export const priorityClassColumns: readonly TableColumn[] = [
  nameColumn,
  { ...column('Value', 'The priority: larger is more urgent.', ({ value }) => String(value)), type: 'integer' },
  column('Global-Default', 'Whether workloads without a class have it.', ({ globalDefault }) =>
    String(globalDefault === true),
  ),
  ageColumn,
  column(
    'PreemptionPolicy',
    'Whether it displaces lower priorities.',
    ({ preemptionPolicy }) => String(preemptionPolicy),
    1,
  ),
];
