/**
 * OpenAPI v3 documents per group version, made from the resources' schemas: what `kubectl explain` reads, and where kubectl
 * sees that fieldValidation and dryRun are understood. Also a schema-only OpenAPI v2 for old clients, and one without schemas for
 * kubectl, which asks for it (as Protobuf) to learn that a kind which nobody serves is not in it either.
 */
import { createHash } from 'node:crypto';
import type { ResourceDefinition } from '../api/definition.js';
import type { Schema } from '@skyflow/contracts';
import { apiVersionOf } from '../registry/resource-setup.js';
import type { SchemaSet } from '../schema/schema-set.js';
import { verbsOf } from './discovery.js';

const REF_PREFIX = '#/components/schemas/';
const V2_PREFIX = '#/definitions/';

export interface OpenApiDocuments {
  /** `/openapi/v3`: where the documents are. */
  index: () => string;
  /** By group version path: `api/v1`, `apis/apps/v1`. */
  document: (groupVersionPath: string) => string | undefined;
  v2: () => string;
  /** The same as Protobuf, without schemas: gnostic's openapi.v2.Document. */
  v2Protobuf: () => Buffer;
}

/** What clients of Kubernetes ask for: with `@`, which is no media type, or with a dot. */
export const ASKS_V2_PROTOBUF = /application\/com\.github\.proto-openapi\.spec\.v2[.@]v1\.0\+protobuf/;
/** What they are answered with, as by kube-apiserver: they parse it. */
export const V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

const cache = new WeakMap<readonly ResourceDefinition[], WeakMap<SchemaSet, OpenApiDocuments>>();

/** Made at the first use and kept for all servers of the same definitions and schemas. */
export function openApiOf(
  definitions: readonly ResourceDefinition[],
  schemas: SchemaSet,
  title: string,
): OpenApiDocuments {
  const bySchemas = cache.get(definitions) ?? new WeakMap<SchemaSet, OpenApiDocuments>();
  cache.set(definitions, bySchemas);
  const documents = bySchemas.get(schemas) ?? build(definitions, schemas, title);
  bySchemas.set(schemas, documents);
  return documents;
}

function build(definitions: readonly ResourceDefinition[], schemas: SchemaSet, title: string): OpenApiDocuments {
  const paths = [...new Set(definitions.map(pathOf))];
  const info = { title, version: 'unversioned' };
  const texts = new Map<string, string>();
  const document = (path: string): string | undefined => {
    let text = texts.get(path);
    if (text === undefined && paths.includes(path)) {
      const own = definitions.filter((each) => pathOf(each) === path);
      text = JSON.stringify({
        openapi: '3.0.0',
        info,
        paths: Object.assign({}, ...own.map(pathItems)) as object,
        components: { schemas: closure(own, schemas) },
      });
      texts.set(path, text);
    }
    return text;
  };
  const index = (): string => {
    const entries = paths.map((path) => {
      const hash = createHash('sha256')
        .update(document(path) ?? '')
        .digest('hex')
        .slice(0, 32)
        .toUpperCase();
      return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }];
    });
    return JSON.stringify({ paths: Object.fromEntries(entries) as object });
  };
  const v2 = (): string => {
    const all = JSON.stringify(closure(definitions, schemas)).replaceAll(`"${REF_PREFIX}`, `"${V2_PREFIX}`);
    return `{"swagger":"2.0","info":${JSON.stringify(info)},"paths":{},"definitions":${all}}`;
  };
  const v2Protobuf = (): Buffer =>
    Buffer.concat([
      bytesField(1, Buffer.from('2.0')),
      bytesField(2, Buffer.concat([bytesField(1, Buffer.from(title)), bytesField(2, Buffer.from(info.version))])),
      bytesField(8, Buffer.alloc(0)),
      bytesField(9, Buffer.alloc(0)),
    ]);
  return { index, document, v2, v2Protobuf };
}

/** A length-delimited field of fewer than 128 bytes. */
const bytesField = (number: number, value: Buffer): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2, value.length]), value]);

const pathOf = (definition: ResourceDefinition): string =>
  definition.group === '' ? `api/${definition.version}` : `apis/${apiVersionOf(definition)}`;

/** The schemas of the definitions and all that they refer to. */
function closure(definitions: readonly ResourceDefinition[], schemas: SchemaSet): Record<string, Schema> {
  const found: Record<string, Schema> = {};
  const queue: [name: string, schema: Schema][] = definitions.map((definition) => {
    const { group, version, kind } = definition;
    const schema = schemas.get(definition.schemaName) ?? schemas.resolve(definition.schema);
    return [definition.schemaName, { ...schema, 'x-kubernetes-group-version-kind': [{ group, version, kind }] }];
  });
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const [name, schema] = next;
    if (Object.hasOwn(found, name)) continue;
    found[name] = schema;
    for (const reference of referencesIn(schema)) {
      const target = schemas.get(reference);
      if (target !== undefined) queue.push([reference, target]);
    }
  }
  return found;
}

function* referencesIn(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    if (key === '$ref' && typeof member === 'string' && member.startsWith(REF_PREFIX)) {
      yield member.slice(REF_PREFIX.length);
    } else yield* referencesIn(member);
  }
}

function pathItems(definition: ResourceDefinition): Record<string, object> {
  const { namespaced, plural } = definition;
  const prefix = `/${pathOf(definition)}`;
  const scope = namespaced ? `${prefix}/namespaces/{namespace}` : prefix;
  const scopeParameters = namespaced ? [pathParameter('namespace')] : [];
  const items: Record<string, object> = {};
  items[`${scope}/${plural}`] = {
    ...operations(definition, { get: 'list', post: 'create', delete: 'deletecollection' }),
    parameters: scopeParameters,
  };
  items[`${scope}/${plural}/{name}`] = {
    ...operations(definition, { get: 'get', put: 'update', patch: 'patch', delete: 'delete' }),
    parameters: [...scopeParameters, pathParameter('name')],
  };
  if (namespaced) items[`${prefix}/${plural}`] = operations(definition, { get: 'list' });
  return items;
}

const ACTIONS: Readonly<Record<string, string>> = {
  create: 'post',
  update: 'put',
  deletecollection: 'deletecollection',
};

function operations(definition: ResourceDefinition, verbs: Record<string, string>): Record<string, object> {
  const { group, version, kind, schemaName } = definition;
  const content = { 'application/json': { schema: { $ref: REF_PREFIX + schemaName } } };
  const served = Object.entries(verbs).filter(([, verb]) => verbsOf(definition).includes(verb));
  return Object.fromEntries(
    served.map(([method, verb]) => {
      const operation = {
        operationId: `${verb}${kind}`,
        parameters: (QUERY[verb] ?? []).map(queryParameter),
        ...(verb === 'create' || verb === 'update' ? { requestBody: { required: true, content } } : {}),
        ...(verb === 'patch' ? { requestBody: { required: true, content: patchContent(definition) } } : {}),
        responses: { 200: { description: 'OK', content } },
        'x-kubernetes-action': ACTIONS[verb] ?? verb,
        'x-kubernetes-group-version-kind': { group, version, kind },
      };
      return [method, operation];
    }),
  );
}

function patchContent(definition: ResourceDefinition): object {
  const types = ['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json'];
  if (definition.strategicMerge === true) types.push('application/strategic-merge-patch+json');
  return Object.fromEntries(types.map((type) => [type, { schema: { type: 'object' } }]));
}

const WRITE = ['dryRun', 'fieldManager', 'fieldValidation'];
const LIST = [
  'labelSelector',
  'fieldSelector',
  'limit',
  'continue',
  'resourceVersion',
  'resourceVersionMatch',
  'watch',
];
const DELETE = ['dryRun', 'gracePeriodSeconds', 'propagationPolicy'];
const QUERY: Readonly<Record<string, readonly string[]>> = {
  list: [...LIST, 'timeoutSeconds', 'allowWatchBookmarks', 'sendInitialEvents'],
  create: WRITE,
  update: WRITE,
  patch: [...WRITE, 'force'],
  delete: DELETE,
  deletecollection: [...DELETE, ...LIST],
};
const INTEGERS = new Set(['limit', 'timeoutSeconds', 'gracePeriodSeconds']);
const BOOLEANS = new Set(['watch', 'allowWatchBookmarks', 'sendInitialEvents', 'force']);

const queryParameter = (name: string): object => ({
  name,
  in: 'query',
  schema: { type: INTEGERS.has(name) ? 'integer' : BOOLEANS.has(name) ? 'boolean' : 'string' },
});
const pathParameter = (name: string): object => ({ name, in: 'path', required: true, schema: { type: 'string' } });
