/** ServiceExport and ServiceImport of the Multi-Cluster Services API (KEP-1645). Imports are the mesh controller's, and read-only. */
import {
  clustersetName,
  type Condition,
  invalidCause,
  type KubeObject,
  MCS_GROUP,
  MCS_VERSION,
  type ServiceExportSpec,
  type ServiceExportStatus,
  type ServiceImportSpec,
  type ServiceImportStatus,
} from '@skyflow/contracts';
import type { ResourceDefinition, SchemaSet } from '@skyflow/apimachinery';
import { duplicate } from '../kinds/causes.js';
import { ageColumn, column, nameColumn } from '../kinds/columns.js';
import { SCHEMA_NAMES } from '../kinds/skyflow-schemas.js';

const MCS = { group: MCS_GROUP, version: MCS_VERSION, namespaced: true, nameRule: 'dns1123-label' } as const;

const exportOf = (object: KubeObject): { spec: ServiceExportSpec; status: Partial<ServiceExportStatus> } => ({
  spec: object.spec ?? {},
  status: object.status ?? {},
});
const importOf = (object: KubeObject): { spec: ServiceImportSpec; status: ServiceImportStatus } =>
  object as unknown as { spec: ServiceImportSpec; status: ServiceImportStatus };

/** `True`, or why not. */
function said(conditions: readonly Condition[] | undefined, type: string): string {
  const found = conditions?.find((each) => each.type === type);
  if (found === undefined) return 'Unknown';
  const isUsual = type === 'Conflict' ? found.status === 'False' : found.status === 'True';
  return isUsual ? found.status : `${found.status}: ${found.reason}`;
}

const condition = (type: string, description: string): ReturnType<typeof column> =>
  column(type, description, (object) => said(exportOf(object).status.conditions, type));

function named(schemas: SchemaSet, schemaName: string): Pick<ResourceDefinition, 'schema' | 'schemaName'> {
  const schema = schemas.get(schemaName);
  if (schema === undefined) throw new Error(`no schema ${schemaName}`);
  return { schema, schemaName };
}

export const serviceExport = (schemas: SchemaSet): ResourceDefinition => ({
  ...MCS,
  ...named(schemas, SCHEMA_NAMES.ServiceExport),
  kind: 'ServiceExport',
  plural: 'serviceexports',
  singular: 'serviceexport',
  shortNames: ['svcex', 'svcexport'],
  hasStatus: true,
  columns: [
    nameColumn,
    column('Clusters', 'Clusters that export it.', (object) => {
      const valid = (exportOf(object).status.clusters ?? []).filter((each) => each.valid);
      return valid.map(({ cluster }) => cluster).join(',') || '<none>';
    }),
    condition('Valid', 'Whether there is something to export.'),
    condition('Ready', 'Whether it is exported.'),
    condition('Conflict', 'Whether exports of clusters say different things.'),
    ageColumn,
  ],
  strategy: {
    validate: (object) => {
      const { clusters } = exportOf(object).spec;
      if (clusters?.length === 0) {
        const rule = 'it would export nothing: name clusters, or leave it out for every one that has the Service';
        return [invalidCause('spec.clusters', clusters, rule)];
      }
      return (clusters ?? []).flatMap((name, at) =>
        clusters?.indexOf(name) === at
          ? []
          : [duplicate(`spec.clusters[${at}]`, name, 'a cluster exports its Service once')],
      );
    },
  },
});

export const serviceImport = (schemas: SchemaSet): ResourceDefinition => ({
  ...MCS,
  ...named(schemas, SCHEMA_NAMES.ServiceImport),
  kind: 'ServiceImport',
  plural: 'serviceimports',
  singular: 'serviceimport',
  shortNames: ['svcim', 'svcimport'],
  verbs: ['get', 'list', 'watch'],
  hasStatus: true,
  columns: [
    nameColumn,
    column('Type', 'ClusterSetIP or Headless.', (object) => importOf(object).spec.type),
    column('Port(s)', 'All ports that clusters export.', (object) =>
      importOf(object)
        .spec.ports.map(({ port, protocol = 'TCP' }) => `${port}/${protocol}`)
        .join(','),
    ),
    column('From', 'Clusters that export it, the oldest export first.', (object) =>
      importOf(object)
        .status.clusters.map(({ cluster }) => cluster)
        .join(','),
    ),
    condition('Ready', 'Whether clusters have it.'),
    column('DNS', 'Its name on all clusters.', ({ metadata: { name, namespace = '' } }) =>
      clustersetName(namespace, name),
    ),
    ageColumn,
    column(
      'Imported',
      'The Service by which each cluster imports it.',
      (object) =>
        (importOf(object).status.imported ?? [])
          .map(({ cluster, service, ips }) => `${cluster}/${service}${ips.length === 0 ? '' : `=${ips.join('+')}`}`)
          .join(','),
      1,
    ),
  ],
});
