/** apps/v1 ReplicaSet as a read-only resource, with the columns of kube-apiserver. */
import type { ResourceDefinition, SchemaSet } from '@skyflow/apimachinery';
import type { KubeObject } from '@skyflow/contracts';
import { ageColumn, column, nameColumn, podTemplateColumns } from '../kinds/columns.js';
import { specOf } from '../kinds/workload-rules.js';

const SCHEMA_NAME = 'io.k8s.api.apps.v1.ReplicaSet';

export function replicaSetDefinition(schemas: SchemaSet): ResourceDefinition {
  const schema = schemas.get(SCHEMA_NAME);
  if (schema === undefined) throw new Error(`no schema ${SCHEMA_NAME}`);
  return {
    group: 'apps',
    version: 'v1',
    kind: 'ReplicaSet',
    plural: 'replicasets',
    singular: 'replicaset',
    shortNames: ['rs'],
    categories: ['all'],
    namespaced: true,
    verbs: ['get', 'list', 'watch'],
    schema,
    schemaName: SCHEMA_NAME,
    selectableFields: { 'status.replicas': (object) => String(statusOf(object).replicas ?? 0) },
    columns: [
      nameColumn,
      column('Desired', 'Replicas that are to have this pod template.', (object) => specOf(object).replicas ?? 0),
      column('Current', 'Replicas that are placed with it.', (object) => statusOf(object).replicas ?? 0),
      column('Ready', 'Of those, ready.', (object) => statusOf(object).readyReplicas ?? 0),
      ageColumn,
      ...podTemplateColumns,
    ],
  };
}

const statusOf = (object: KubeObject): { replicas?: number; readyReplicas?: number } => object.status ?? {};
