/** coordination.k8s.io/v1 Lease, by which controllers that work on the super-cluster elect one of theirs. */
import type { ResourceDefinition, SchemaSet } from '@skyflow/apimachinery';
import type { KubeObject, StatusCause } from '@skyflow/contracts';
import { forbiddenField } from '../kinds/causes.js';
import { ageColumn, column, nameColumn } from '../kinds/columns.js';

const SCHEMA_NAME = 'io.k8s.api.coordination.v1.Lease';

interface LeaseSpec {
  holderIdentity?: string;
  preferredHolder?: string;
  strategy?: string;
}
const specOf = (object: KubeObject): LeaseSpec => object.spec ?? {};

export function leaseDefinition(schemas: SchemaSet): ResourceDefinition {
  const schema = schemas.get(SCHEMA_NAME);
  if (schema === undefined) throw new Error(`no schema ${SCHEMA_NAME}`);
  return {
    group: 'coordination.k8s.io',
    version: 'v1',
    kind: 'Lease',
    plural: 'leases',
    singular: 'lease',
    namespaced: true,
    tracksGeneration: false,
    schema,
    schemaName: SCHEMA_NAME,
    strategicMerge: true,
    columns: [
      nameColumn,
      column('Holder', 'Who holds it.', (object) => specOf(object).holderIdentity ?? ''),
      ageColumn,
    ],
    strategy: { validate: causes },
  };
}

/** As pkg/apis/coordination/validation; numbers and times are checked by the schema. */
function causes(object: KubeObject): StatusCause[] {
  const { preferredHolder = '', strategy } = specOf(object);
  if (preferredHolder === '' || strategy !== undefined) return [];
  return [forbiddenField('spec.preferredHolder', 'may only be specified when `strategy` is defined')];
}
