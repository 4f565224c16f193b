/** Paths and operations of the served kinds, as the API machinery serves them. */
import { type ResourceDefinition, apiVersionOf } from '@skyflow/apimachinery';
import { exampleOf } from './kind-examples.js';
import { parameterRefs } from './parameters.js';

const SELECTORS = ['labelSelector', 'fieldSelector'];
const LIST = [...SELECTORS, 'limit', 'continue', 'resourceVersion', 'resourceVersionMatch'];
const WATCH = ['watch', 'allowWatchBookmarks', 'sendInitialEvents', 'timeoutSeconds'];
const WRITE = ['dryRun', 'fieldManager', 'fieldValidation', 'Idempotency-Key'];
const DELETE = ['dryRun', 'gracePeriodSeconds', 'propagationPolicy', 'Idempotency-Key'];
const SCALE_SCHEMA = 'Scale';

type Operation = Record<string, unknown>;
type PathItem = Record<string, unknown>;

export function kindPaths(definitions: readonly ResourceDefinition[]): Record<string, PathItem> {
  return Object.assign({}, ...definitions.map(pathsOf)) as Record<string, PathItem>;
}

/** Schema of a list of a kind: its name, and what it is. */
export function listSchema({ schemaName, kind, ...definition }: ResourceDefinition): [name: string, schema: object] {
  const schema = {
    type: 'object',
    required: ['apiVersion', 'kind', 'metadata', 'items'],
    properties: {
      apiVersion: { type: 'string', const: apiVersionOf(definition) },
      kind: { type: 'string', const: `${kind}List` },
      metadata: { $ref: '#/components/schemas/ListMeta' },
      items: { type: 'array', items: refTo(schemaName) },
    },
  };
  return [`${schemaName}List`, schema];
}

function pathsOf(definition: ResourceDefinition): Record<string, PathItem> {
  const { namespaced, plural, hasStatus, scale } = definition;
  const prefix = definition.group === '' ? `/api/${definition.version}` : `/apis/${apiVersionOf(definition)}`;
  const scope = namespaced ? `${prefix}/namespaces/{namespace}` : prefix;
  const inScope = namespaced ? parameterRefs('namespace') : [];
  const named = [...inScope, ...parameterRefs('name')];
  const one = `${scope}/${plural}/{name}`;
  const verbs = operationsOf(definition);
  return {
    ...item(`${scope}/${plural}`, inScope, { get: verbs.list, post: verbs.create, delete: verbs.deletecollection }),
    ...item(one, named, { get: verbs.get, put: verbs.update, patch: verbs.patch, delete: verbs.delete }),
    ...(namespaced ? item(`${prefix}/${plural}`, [], { get: verbs.listEverywhere }) : {}),
    ...(hasStatus === true
      ? item(`${one}/status`, named, { get: verbs.getStatus, put: verbs.updateStatus, patch: verbs.patchStatus })
      : {}),
    ...(scale === undefined
      ? {}
      : item(`${one}/scale`, named, { get: verbs.getScale, put: verbs.updateScale, patch: verbs.patchScale })),
    ...Object.fromEntries(
      Object.entries(definition.connect ?? {}).map(([name, { methods }]) => [
        `${one}/${name}`,
        {
          parameters: named,
          ...Object.fromEntries(
            methods.map((method) => [method.toLowerCase(), connectOperation(definition, name, method)]),
          ),
        },
      ]),
    ),
  };
}

function item(
  path: string,
  parameters: readonly object[],
  operations: Record<string, Operation | undefined>,
): Record<string, PathItem> {
  const served = Object.entries(operations).filter(([, operation]) => operation !== undefined);
  if (served.length === 0) return {};
  return { [path]: { ...(parameters.length === 0 ? {} : { parameters }), ...Object.fromEntries(served) } };
}

function operationsOf(definition: ResourceDefinition): Record<string, Operation | undefined> {
  const { kind, schemaName, verbs: some, group, version } = definition;
  const whole = refTo(schemaName);
  const list = refTo(`${schemaName}List`);
  const example = exampleOf(definition);
  const operation = (id: string, verb: string, summary: string, rest: Operation): Operation | undefined =>
    some?.includes(verb) === false
      ? undefined
      : { operationId: idOf(definition, id), summary, tags: [apiVersionOf(definition)], ...rest };
  const object = { requestBody: body(whole, example), ...answers(200, whole) };
  const reading = parameterRefs('at');
  const patching = { requestBody: patchBody(definition), ...answers(200, whole) };
  const scale = refTo(SCALE_SCHEMA);
  const scaleExample = {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: 'hello', namespace: 'default' },
    spec: { replicas: 3 },
  };
  const many = `${kind} objects of ${group === '' ? version : `${group}/${version}`}`;
  return {
    list: operation('list', 'list', `List or watch ${many}`, {
      parameters: [...parameterRefs(...LIST, ...WATCH), ...reading],
      ...answers(200, list),
    }),
    listEverywhere: operation('listForAllNamespaces', 'list', `List or watch ${many} of all namespaces`, {
      parameters: [...parameterRefs(...LIST, ...WATCH), ...reading],
      ...answers(200, list),
    }),
    create: operation('create', 'create', `Create a ${kind}`, {
      parameters: parameterRefs(...WRITE),
      requestBody: body(whole, example),
      ...answers(201, whole),
    }),
    deletecollection: operation('deleteCollection', 'deletecollection', `Delete all ${many} that match`, {
      parameters: parameterRefs(...SELECTORS, ...DELETE),
      ...answers(200, list),
    }),
    get: operation('get', 'get', `Read a ${kind}`, { parameters: reading, ...answers(200, whole) }),
    update: operation('replace', 'update', `Replace a ${kind}`, { parameters: parameterRefs(...WRITE), ...object }),
    patch: operation('patch', 'patch', `Change or apply a ${kind}`, {
      parameters: parameterRefs(...WRITE, 'force'),
      ...patching,
    }),
    delete: operation('delete', 'delete', `Delete a ${kind}`, {
      parameters: parameterRefs(...DELETE),
      ...answers(200, { anyOf: [whole, refTo('Status')] }),
    }),
    getStatus: operation('getStatus', 'get', `Read a ${kind} with its status`, answers(200, whole)),
    updateStatus: operation('replaceStatus', 'update', `Replace the status of a ${kind}`, object),
    patchStatus: operation('patchStatus', 'patch', `Change the status of a ${kind}`, patching),
    getScale: operation('getScale', 'get', `Read how many replicas a ${kind} has`, answers(200, scale)),
    updateScale: operation('replaceScale', 'update', `Say how many replicas a ${kind} has`, {
      requestBody: body(scale, scaleExample),
      ...answers(200, scale),
    }),
    patchScale: operation('patchScale', 'patch', `Change how many replicas a ${kind} has`, {
      requestBody: {
        required: true,
        content: {
          'application/merge-patch+json': { schema: { type: 'object' }, example: { spec: { replicas: 3 } } },
        },
      },
      ...answers(200, scale),
    }),
  };
}

/** Streams into a pod: text, or an upgrade to WebSocket or SPDY that the cluster's own API answers. */
function connectOperation(definition: ResourceDefinition, name: string, method: string): Operation {
  const isLog = name === 'log';
  const parameters = isLog ? parameterRefs('container', 'follow', 'tailLines', 'previous', 'timestamps') : [];
  return {
    operationId: idOf(definition, `${method.toLowerCase()}${titled(name)}`),
    summary: isLog ? `Log of a ${definition.kind}` : `Connect to ${name} of a ${definition.kind}; asks for an upgrade`,
    tags: [apiVersionOf(definition)],
    parameters: isLog ? parameters : [...parameterRefs('container')],
    responses: {
      ...(isLog
        ? { 200: { description: 'Its lines', content: { 'text/plain': { schema: { type: 'string' } } } } }
        : { 101: { description: 'Upgraded' } }),
      default: { $ref: '#/components/responses/Refused' },
    },
  };
}

/** SkyFlow's kinds have the short names: `createJob`; the native ones say what they are: `createBatchV1Job`. */
function idOf({ group, version, kind }: ResourceDefinition, verb: string): string {
  const [action = '', suffix = ''] = verb.split(/(?=[A-Z])(.*)/s);
  const of =
    group === 'skyflow.io' ? '' : titled(group === '' ? 'core' : (group.split('.')[0] ?? '')) + titled(version);
  return `${action}${of}${kind}${suffix}`;
}

const titled = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

const refTo = (name: string): { $ref: string } => ({ $ref: `#/components/schemas/${name}` });

const body = (schema: object, example: object | undefined): object => ({
  required: true,
  content: { 'application/json': { schema, ...(example === undefined ? {} : { example }) } },
});

const answers = (code: number, schema: object): Operation => ({
  responses: {
    [code]: { description: code === 201 ? 'Created' : 'OK', content: { 'application/json': { schema } } },
    default: { $ref: '#/components/responses/Refused' },
  },
});

function patchBody(definition: ResourceDefinition): object {
  const { hasStatus: _hasStatus, strategicMerge } = definition;
  const labels = { metadata: { labels: { team: 'a' } } };
  const applied = { apiVersion: apiVersionOf(definition), kind: definition.kind, ...labels };
  const merge = { schema: { type: 'object' }, example: labels };
  return {
    required: true,
    content: {
      'application/merge-patch+json': merge,
      'application/json-patch+json': {
        schema: { type: 'array', items: { type: 'object' } },
        example: [{ op: 'add', path: '/metadata/labels', value: { team: 'a' } }],
      },
      'application/apply-patch+yaml': { schema: { type: 'object' }, example: applied },
      ...(strategicMerge === true ? { 'application/strategic-merge-patch+json': merge } : {}),
    },
  };
}
