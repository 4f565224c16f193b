/** Links, of which only the plane can be written, and Endpoints, read-only. */
import type { KubeObject, Link, ServiceEndpoints } from '@skyflow/contracts';
import type { ResourceDefinition, SchemaSet } from '@skyflow/apimachinery';
import { ageColumn, column, nameColumn } from '../kinds/columns.js';
import { SCHEMA_NAMES } from '../kinds/skyflow-schemas.js';
import { linkStrategy } from './link-rules.js';

const SKYFLOW = { group: 'skyflow.io', version: 'v1' } as const;
const MOST_SHOWN = 3;

const linkOf = (object: KubeObject): Link => object as unknown as Link;
/** One that is only tried (dryRun) has none yet. */
const linkStatusOf = (object: KubeObject): Partial<Link['status']> => (object as unknown as Partial<Link>).status ?? {};
const endpointsIn = (object: KubeObject): ServiceEndpoints['status'] => (object as unknown as ServiceEndpoints).status;

function named(schemas: SchemaSet, schemaName: string): Pick<ResourceDefinition, 'schema' | 'schemaName'> {
  const schema = schemas.get(schemaName);
  if (schema === undefined) throw new Error(`no schema ${schemaName}`);
  return { schema, schemaName };
}

export const linkDefinition = (schemas: SchemaSet): ResourceDefinition => ({
  ...SKYFLOW,
  ...named(schemas, SCHEMA_NAMES.Link),
  kind: 'Link',
  plural: 'links',
  singular: 'link',
  verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'],
  namespaced: false,
  hasStatus: true,
  strategy: linkStrategy,
  selectableFields: { 'status.phase': (object) => linkStatusOf(object).phase ?? '' },
  columns: [
    nameColumn,
    column('From', 'Cluster with services.', (object) => linkOf(object).spec.from),
    column('To', 'Cluster with pods of theirs.', (object) => linkOf(object).spec.to),
    column('Asked', 'What spec.plane asks for.', (object) => linkOf(object).spec.plane),
    column('Plane', 'How pods are reached.', (object) => linkStatusOf(object).planes?.join(',') || '<none>'),
    column('Status', 'What was proved.', (object) => linkStatusOf(object).phase ?? ''),
    column('Services', 'Services that use it.', (object) => String(linkStatusOf(object).services?.length ?? 0)),
    column(
      'Ready',
      'Ready endpoints, of all.',
      (object) => `${linkStatusOf(object).ready ?? 0}/${linkStatusOf(object).total ?? 0}`,
    ),
    ageColumn,
    column('Evidence', 'What proves it.', (object) => linkStatusOf(object).message ?? ''),
  ],
});

export const endpointsDefinition = (schemas: SchemaSet): ResourceDefinition => ({
  ...SKYFLOW,
  ...named(schemas, SCHEMA_NAMES.Endpoints),
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  verbs: ['get', 'list', 'watch'],
  shortNames: ['ep'],
  namespaced: true,
  columns: [
    nameColumn,
    column('Cluster', 'Cluster of the service.', (object) => endpointsIn(object).cluster ?? '<none>'),
    column(
      'Ready',
      'Endpoints that connections reach, of all.',
      (object) => `${endpointsIn(object).ready}/${endpointsIn(object).total}`,
    ),
    column('Endpoints', 'The first of them.', (object) => {
      const { endpoints, total } = endpointsIn(object);
      const shown = endpoints
        .slice(0, MOST_SHOWN)
        .map(({ cluster, address, ports }) => `${cluster}/${address}:${ports[0]?.port ?? ''}`);
      const more = total - shown.length;
      return shown.length === 0 ? '<none>' : shown.join(',') + (more > 0 ? ` + ${more} more...` : '');
    }),
    ageColumn,
  ],
});
