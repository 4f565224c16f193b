/** Server-side tables (meta.k8s.io/v1 Table): Name, the columns of the resource, Age. */
import type { ResourceDefinition } from '../api/definition.js';
import { humanAge, type KubeObject, type TableColumn } from '@skyflow/contracts';
import { badRequest } from '../api/errors.js';

export type IncludeObject = 'None' | 'Metadata' | 'Object';

export interface Table {
  kind: 'Table';
  apiVersion: 'meta.k8s.io/v1';
  metadata: Record<string, unknown>;
  columnDefinitions: Omit<TableColumn, 'value'>[];
  rows: { cells: unknown[]; object?: unknown }[];
}

const NAME: TableColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name must be unique within a namespace. Cannot be updated.',
  priority: 0,
  value: ({ metadata }) => metadata.name,
};
const AGE: TableColumn = {
  name: 'Age',
  type: 'date',
  description: 'Time since the object was created.',
  priority: 0,
  value: ({ metadata }) => metadata.creationTimestamp ?? null,
};

/** @throws StatusError 400 */
export function includeObjectOf(query: URLSearchParams): IncludeObject {
  const value = query.get('includeObject') ?? 'Metadata';
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value;
  throw badRequest(`includeObject: unsupported value "${value}": supported values: Metadata, None, Object`);
}

export function tableOf(
  definition: ResourceDefinition,
  objects: readonly KubeObject[],
  listMetadata: Record<string, unknown>,
  include: IncludeObject,
  nowMs: number,
): Table {
  const columns = columnsOf(definition);
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: listMetadata,
    columnDefinitions: headersOf(definition),
    rows: objects.map((object) => ({
      cells: columns.map((column) => cellOf(column, object, nowMs)),
      ...(include === 'None' ? {} : { object: include === 'Object' ? object : partialMetadata(object) }),
    })),
  };
}

/** Only metadata, as a PartialObjectMetadata. */
export function partialMetadata({ metadata }: KubeObject): KubeObject {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
}

const columnCache = new WeakMap<ResourceDefinition, TableColumn[]>();
const headerCache = new WeakMap<ResourceDefinition, Table['columnDefinitions']>();

/** Age stands after the columns that are always shown and before the wide ones, as Kubernetes' own kinds have it. */
function columnsOf(definition: ResourceDefinition): TableColumn[] {
  let columns = columnCache.get(definition);
  if (columns === undefined) {
    const own = definition.columns ?? [];
    const has = (name: string): boolean => own.some((column) => column.name.toLowerCase() === name);
    columns = [
      ...(has('name') ? [] : [NAME]),
      ...own.filter(({ priority }) => priority === 0),
      ...(has('age') ? [] : [AGE]),
      ...own.filter(({ priority }) => priority !== 0),
    ];
    columnCache.set(definition, columns);
  }
  return columns;
}

function headersOf(definition: ResourceDefinition): Table['columnDefinitions'] {
  let headers = headerCache.get(definition);
  if (headers === undefined) {
    headers = columnsOf(definition).map(({ name, type, format = '', description, priority }) => ({
      name,
      type,
      format,
      description,
      priority,
    }));
    headerCache.set(definition, headers);
  }
  return headers;
}

function cellOf(column: TableColumn, object: KubeObject, nowMs: number): string | number | boolean | null {
  const value = column.value(object, nowMs);
  return column.type === 'date' ? humanAge(value, nowMs) : value;
}
