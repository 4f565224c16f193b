/** Not a suite: a small schema with one of everything, and arbitrary objects of it, for the suites of schema and patch. */
import fc from 'fast-check';
import type { Schema } from '@skyflow/contracts';
import { SchemaSet } from './schema-set.js';

const ref = (name: string): Schema => SchemaSet.ref(name);

export const set = new SchemaSet({
  Workload: {
    type: 'object',
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: ref('Meta'),
      spec: { ...ref('Spec'), 'x-skyflow-never-absent': true },
      status: {
        type: 'object',
        properties: { ready: { type: 'integer' }, conditions: keyed(ref('Condition'), 'type') },
      },
    },
  },
  Meta: {
    type: 'object',
    properties: {
      name: { type: 'string' },
      namespace: { type: 'string' },
      labels: { type: 'object', additionalProperties: { type: 'string' } },
      annotations: { type: 'object', additionalProperties: { type: 'string' } },
      finalizers: {
        type: 'array',
        items: { type: 'string' },
        'x-kubernetes-list-type': 'set',
        'x-kubernetes-patch-strategy': 'merge',
      },
      creationTimestamp: { type: 'string', format: 'date-time' },
      generation: { type: 'integer' },
      resourceVersion: { type: 'string' },
      uid: { type: 'string' },
      managedFields: { type: 'array', items: { 'x-kubernetes-preserve-unknown-fields': true } },
    },
  },
  Spec: {
    type: 'object',
    properties: {
      replicas: { type: 'integer', format: 'int32', minimum: 0, default: 1 },
      paused: { type: 'boolean' },
      image: { type: 'string', minLength: 1, maxLength: 40, pattern: '^[a-z0-9/:.-]+$' },
      policy: { type: 'string', enum: ['Always', 'Never'], default: 'Always' },
      weight: { type: 'number', maximum: 1 },
      port: { format: 'int-or-string', 'x-kubernetes-int-or-string': true },
      memory: { type: 'string', format: 'quantity' },
      note: { type: 'string', nullable: true },
      strategy: { ...ref('Strategy'), default: {}, 'x-kubernetes-patch-strategy': 'retainKeys' },
      selector: {
        type: 'object',
        additionalProperties: { type: 'string' },
        'x-kubernetes-map-type': 'atomic',
      },
      containers: {
        ...keyed(ref('Container'), 'name'),
        ...merged('name'),
        maxItems: 8,
        'x-skyflow-never-absent': true,
      },
      args: { type: 'array', items: { type: 'string' } },
      free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    },
  },
  Strategy: {
    type: 'object',
    properties: {
      type: { type: 'string', default: 'Rolling' },
      rolling: { type: 'object', properties: { surge: { type: 'integer' } } },
    },
  },
  Container: {
    type: 'object',
    required: ['name'],
    properties: {
      name: { type: 'string' },
      image: { type: 'string' },
      env: { ...keyed(ref('Env'), 'name'), ...merged('name') },
      ports: { ...keyed(ref('Port'), 'port', 'protocol'), ...merged('port') },
      command: { type: 'array', items: { type: 'string' } },
    },
  },
  Env: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, value: { type: 'string' } } },
  Port: {
    type: 'object',
    required: ['port'],
    properties: {
      port: { type: 'integer', minimum: 1, maximum: 65_535 },
      protocol: { type: 'string', enum: ['TCP', 'UDP'], default: 'TCP' },
      name: { type: 'string' },
    },
  },
  Condition: { type: 'object', properties: { type: { type: 'string' }, status: { type: 'string' } } },
  Tree: {
    type: 'object',
    properties: { value: { type: 'integer', default: 0 }, children: { type: 'array', items: ref('Tree') } },
  },
});

export const workload: Schema = ref('Workload');

function keyed(items: Schema, ...keys: string[]): Schema {
  return { type: 'array', items, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys };
}

function merged(key: string): Schema {
  return { 'x-kubernetes-patch-strategy': 'merge', 'x-kubernetes-patch-merge-key': key };
}

const names = ['metadata', 'spec', 'status', 'labels', 'finalizers', 'replicas', 'policy', 'port', 'memory', 'note'];
const more = ['strategy', 'selector', 'containers', 'free', 'name', 'env', 'ports', 'type', '__proto__', 'constructor'];

const knownName = fc.constantFrom(...names, ...more);

/** Any JSON, with the names of the schema among its keys so that the schema is reached. */
export const anyJson: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, depthIdentifier: 'json' },
    fc.constantFrom(null, true, 0, -1, 1.5, 70_000, '', 'Always', '1Gi', 'x', '__proto__', 'constructor'),
    fc.jsonValue({ maxDepth: 1 }),
    fc.array(tie('value'), { maxLength: 3, depthIdentifier: 'json' }),
    fc.dictionary(fc.oneof(knownName, fc.string({ maxLength: 4 })), tie('value'), {
      maxKeys: 5,
      depthIdentifier: 'json',
    }),
  ),
})).value;

const name = fc.constantFrom('a', 'b', 'c');
const text = fc.constantFrom('x', 'y', 'z');
const optional = { requiredKeys: [] as [] };

const port = fc.record({ port: fc.constantFrom(80, 443), protocol: fc.constantFrom('TCP', 'UDP') });
const container = fc.record(
  {
    name,
    image: text,
    command: fc.array(text, { maxLength: 2 }),
    env: unique(fc.record({ name, value: text }), (env) => env.name),
    ports: unique(port, ({ port, protocol }) => `${port}${protocol}`),
  },
  { requiredKeys: ['name'] },
);

function unique<T>(item: fc.Arbitrary<T>, by: (value: T) => unknown): fc.Arbitrary<T[]> {
  return fc.uniqueArray(item, { selector: by, maxLength: 3 });
}

/** Specs that are valid, with few names and values, so that two of them often touch the same field. */
export const spec = fc.record(
  {
    replicas: fc.nat(3),
    paused: fc.boolean(),
    policy: fc.constantFrom('Always', 'Never'),
    strategy: fc.record({ type: text, rolling: fc.record({ surge: fc.nat(3) }) }, optional),
    selector: fc.dictionary(name, text, { maxKeys: 2 }),
    containers: unique(container, (value) => value.name),
    args: fc.array(text, { maxLength: 3 }),
  },
  optional,
);

/** Whole objects that are valid. */
export const anyWorkload = fc.record({
  apiVersion: fc.constant('test/v1'),
  kind: fc.constant('Workload'),
  metadata: fc.record(
    {
      name: fc.constant('w'),
      labels: fc.dictionary(name, text, { maxKeys: 3 }),
      finalizers: fc.uniqueArray(name, { maxLength: 3 }),
    },
    { requiredKeys: ['name'] },
  ),
  spec,
});
