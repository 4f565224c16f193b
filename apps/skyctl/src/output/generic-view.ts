/** Tables of kinds that skyctl has no table of its own for: the columns and cells that the server made (meta/v1 Table). */
import type { ApiObject } from '@skyflow/contracts';
import type { ResourceKind } from '../gateway/kinds.js';
import { ageOf } from './age.js';
import { textOf } from './jsonpath/evaluate.js';
import { paintStatus } from './status-colour.js';
import type { Item, View, ViewOptions } from './view.js';

export const TABLE_ACCEPT = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

/** meta/v1 Table, as far as it is read here. */
export interface ServerTable {
  kind: string;
  columnDefinitions?: readonly { name: string; priority?: number }[];
  rows?: readonly { cells: readonly unknown[]; object: ApiObject }[] | null;
}

export const isServerTable = (body: unknown): body is ServerTable => (body as ServerTable | null)?.kind === 'Table';

export const itemsOfTable = ({ rows }: ServerTable): Item[] =>
  (rows ?? []).map(({ cells, object }) => ({ object, cells }));

/** Without a server's table: names and ages. */
export function genericView(
  kind: ResourceKind,
  columns: ServerTable['columnDefinitions'],
  { nowMs, allNamespaces }: ViewOptions,
): View {
  const own = columns ?? [{ name: 'Name' }, { name: 'Age' }];
  const namespaced = kind.namespaced && allNamespaces;
  return {
    columns: [
      ...(namespaced ? [{ title: 'Namespace' }] : []),
      ...own.map(({ name, priority = 0 }) => ({ title: name, ...(priority > 0 ? { shown: 'wide' as const } : {}) })),
    ],
    rows: ({ object, cells }) => {
      const { name, namespace = '', creationTimestamp } = object.metadata;
      const row = cells?.map(cellText) ?? [name, ageOf(creationTimestamp, nowMs)];
      return [namespaced ? [namespace, ...row] : row];
    },
  };
}

const cellText = (cell: unknown): string => (cell === null || cell === undefined ? '<none>' : textOf(cell));

export function namespaceView({ nowMs, terminal }: ViewOptions): View {
  return {
    columns: [{ title: 'Name' }, { title: 'Status' }, { title: 'Age' }],
    rows: ({ object }) => [
      [
        object.metadata.name,
        paintStatus(terminal, (object.status as { phase?: string } | undefined)?.phase ?? 'Active'),
        ageOf(object.metadata.creationTimestamp, nowMs),
      ],
    ],
  };
}
