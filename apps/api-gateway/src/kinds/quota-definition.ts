/** v1 ResourceQuota: what the workloads and objects of a namespace may be in all. Enforced by the domain, where writes are decided. */
import { quotaProblem } from '@skyflow/domain';
import type { ResourceDefinition, SchemaSet } from '@skyflow/apimachinery';
import { invalidCause, type KubeObject, type StatusCause } from '@skyflow/contracts';
import { forbiddenField } from './causes.js';
import { ageColumn, column, nameColumn } from './columns.js';

const SCHEMA_NAME = 'io.k8s.api.core.v1.ResourceQuota';

type Amounts = Record<string, string | number>;
const specOf = (object: KubeObject): { hard?: Amounts; scopes?: unknown; scopeSelector?: unknown } => object.spec ?? {};
const usedOf = (object: KubeObject): Amounts => (object.status as { used?: Amounts } | undefined)?.used ?? {};

export function quotaDefinition(schemas: SchemaSet): ResourceDefinition {
  const schema = schemas.get(SCHEMA_NAME);
  if (schema === undefined) throw new Error(`no schema ${SCHEMA_NAME}`);
  return {
    group: '',
    version: 'v1',
    kind: 'ResourceQuota',
    plural: 'resourcequotas',
    singular: 'resourcequota',
    shortNames: ['quota'],
    namespaced: true,
    hasStatus: true,
    tracksGeneration: false,
    schema,
    schemaName: SCHEMA_NAME,
    strategicMerge: true,
    columns: [
      nameColumn,
      column('Request', 'Used of what may be requested, and of all that is counted.', (object) => text(object, false)),
      column('Limit', 'Used of the limits.', (object) => text(object, true)),
      ageColumn,
    ],
    strategy: { validate: causes },
  };
}

/** As kube-apiserver prints quotas: `pods: 1/5, requests.cpu: 1/2`. */
function text(object: KubeObject, limits: boolean): string {
  const used = usedOf(object);
  return Object.keys(specOf(object).hard ?? {})
    .filter((name) => name.startsWith('limits.') === limits)
    .sort()
    .map((name) => `${name}: ${String(used[name] ?? 0)}/${String(specOf(object).hard?.[name])}`)
    .join(', ');
}

function causes(object: KubeObject): StatusCause[] {
  const { hard = {}, scopes, scopeSelector } = specOf(object);
  const why = 'quotas here are for all workloads of the namespace; leave it out';
  return [
    ...Object.entries(hard).flatMap(([name, amount]) => {
      const problem = quotaProblem(name, amount);
      return problem === undefined ? [] : [invalidCause(`spec.hard[${name}]`, amount, problem)];
    }),
    ...(scopes === undefined ? [] : [forbiddenField('spec.scopes', why)]),
    ...(scopeSelector === undefined ? [] : [forbiddenField('spec.scopeSelector', why)]),
  ];
}
