/** Events as read-only native resources: core/v1, which kubectl reads, and events.k8s.io/v1. */
import type { ResourceDefinition, SchemaSet } from '@skyflow/apimachinery';
import { humanAge, type KubeObject, type TableColumn } from '@skyflow/contracts';
import { clusterOfEvent } from './event-source.js';
import { type EventObject, lastSeenOf } from './event-objects.js';

const column = (name: string, description: string, value: TableColumn['value'], priority: 0 | 1 = 0): TableColumn => ({
  name,
  type: 'string',
  description,
  priority,
  value,
});

/** Fields of either version. */
const core = (object: KubeObject): EventObject => {
  const { regarding, note, ...rest } = object as EventObject & {
    regarding?: EventObject['involvedObject'];
    note?: string;
  };
  return {
    ...rest,
    involvedObject: regarding ?? rest.involvedObject,
    ...(note === undefined ? {} : { message: note }),
  };
};
const about = (object: KubeObject): EventObject['involvedObject'] => core(object).involvedObject;

const columns: readonly TableColumn[] = [
  column('Last Seen', 'When it was seen last.', (object, nowMs) => humanAge(lastSeenOf(core(object)), nowMs)),
  column('Cluster', 'Cluster that it is of; none: SkyFlow itself.', (object) => clusterOfEvent(object) || '-'),
  column('Type', 'Normal or Warning.', (object) => core(object).type ?? ''),
  column('Reason', 'Why, in one word.', (object) => core(object).reason ?? ''),
  column(
    'Object',
    'What it is about.',
    (object) => `${(about(object).kind ?? '').toLowerCase()}/${about(object).name ?? ''}`,
  ),
  column('Message', 'What happened.', (object) => (core(object).message ?? '').trim()),
  column('Source', 'Who said so.', (object) => core(object).source?.component ?? '', 1),
  column(
    'Count',
    'How often it was seen.',
    (object) => String(core(object).series?.count ?? core(object).count ?? 1),
    1,
  ),
  column('Name', 'Name of the event.', ({ metadata }) => metadata.name, 1),
  // Kubernetes' table of events has no age; the machinery adds one only where none is named.
  column('Age', 'When it was made.', ({ metadata }, nowMs) => humanAge(metadata.creationTimestamp ?? '', nowMs), 1),
];

const SELECTED = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'fieldPath'] as const;

function selectable(prefix: string): NonNullable<ResourceDefinition['selectableFields']> {
  return {
    ...Object.fromEntries(
      SELECTED.map((field) => [`${prefix}.${field}`, (object: KubeObject) => about(object)[field] ?? '']),
    ),
    reason: (object) => core(object).reason ?? '',
    type: (object) => core(object).type ?? '',
    reportingComponent: (object) => core(object).reportingComponent ?? '',
    source: (object) => core(object).source?.component ?? '',
  };
}

function definition(schemas: SchemaSet, group: string, schemaName: string, prefix: string): ResourceDefinition {
  const schema = schemas.get(schemaName);
  if (schema === undefined) throw new Error(`no schema ${schemaName}`);
  return {
    group,
    version: 'v1',
    kind: 'Event',
    plural: 'events',
    singular: 'event',
    shortNames: ['ev'],
    namespaced: true,
    verbs: ['get', 'list', 'watch'],
    schema,
    schemaName,
    selectableFields: selectable(prefix),
    columns,
  };
}

export const eventDefinition = (schemas: SchemaSet): ResourceDefinition =>
  definition(schemas, '', 'io.k8s.api.core.v1.Event', 'involvedObject');

export const newerEventDefinition = (schemas: SchemaSet): ResourceDefinition =>
  definition(schemas, 'events.k8s.io', 'io.k8s.api.events.v1.Event', 'regarding');
