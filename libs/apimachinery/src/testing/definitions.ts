/** Two small resources for tests of stores and servers: a plain native one, and a custom kind with status and scale. */
import type { ResourceDefinition } from '../api/definition.js';
import { type KubeObject, type Schema, valueAt } from '@skyflow/contracts';
import type { SchemaMap } from '../schema/schema-set.js';

const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
const stringMap: Schema = { type: 'object', additionalProperties: { type: 'string' } };

const envelope = (properties: Record<string, Schema>): Record<string, Schema> => ({
  apiVersion: { type: 'string', description: 'Version of the schema of this representation of an object.' },
  kind: { type: 'string', description: 'The REST resource this object represents.' },
  metadata: { ...ref(OBJECT_META), description: "Standard object's metadata." },
  ...properties,
});

const configMapSchema: Schema = {
  type: 'object',
  description: 'ConfigMap holds configuration data for pods to consume.',
  properties: envelope({
    data: { ...stringMap, description: 'Configuration data by key.' },
    immutable: { type: 'boolean', description: 'Whether data may not change any more.' },
  }),
  'x-kubernetes-group-version-kind': [{ group: '', version: 'v1', kind: 'ConfigMap' }],
};

const widgetSchema: Schema = {
  type: 'object',
  description: 'Widget is a thing of which there are several.',
  required: ['spec'],
  properties: envelope({
    spec: {
      type: 'object',
      description: 'What is wanted.',
      required: ['size'],
      properties: {
        size: { type: 'string', enum: ['small', 'large'], description: 'How big each one is.' },
        replicas: { type: 'integer', minimum: 0, default: 1, description: 'How many there are to be.' },
        colour: { type: 'string', description: 'Colour of the paint.' },
        parts: {
          type: 'array',
          description: 'What it is made of.',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: {
            type: 'object',
            required: ['name'],
            properties: {
              name: { type: 'string', description: 'Name of the part.' },
              image: { type: 'string', description: 'Picture of the part.' },
            },
          },
        },
      },
    },
    status: {
      type: 'object',
      description: 'What there is.',
      properties: {
        replicas: { type: 'integer', description: 'How many there are.' },
        selector: { type: 'string', description: 'Selects what belongs to it.' },
        phase: { type: 'string', description: 'How it goes.' },
      },
    },
  }),
  'x-kubernetes-group-version-kind': [{ group: 'example.io', version: 'v1', kind: 'Widget' }],
};

/** Schemas that the definitions refer to. */
export const testSchemas: SchemaMap = {
  [OBJECT_META]: {
    type: 'object',
    description: 'ObjectMeta is metadata that all persisted resources must have.',
    properties: {
      name: { type: 'string', description: 'Name must be unique within a namespace.' },
      generateName: { type: 'string' },
      namespace: { type: 'string' },
      uid: { type: 'string' },
      resourceVersion: { type: 'string' },
      generation: { type: 'integer', format: 'int64' },
      creationTimestamp: { type: 'string', format: 'date-time' },
      deletionTimestamp: { type: 'string', format: 'date-time' },
      deletionGracePeriodSeconds: { type: 'integer', format: 'int64' },
      labels: stringMap,
      annotations: stringMap,
      finalizers: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
      ownerReferences: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['uid'],
        items: {
          type: 'object',
          properties: {
            apiVersion: { type: 'string' },
            kind: { type: 'string' },
            name: { type: 'string' },
            uid: { type: 'string' },
            controller: { type: 'boolean' },
            blockOwnerDeletion: { type: 'boolean' },
          },
        },
      },
      managedFields: {
        type: 'array',
        'x-kubernetes-list-type': 'atomic',
        items: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
  },
  'io.k8s.api.core.v1.ConfigMap': configMapSchema,
  'io.example.v1.Widget': widgetSchema,
};

export const configMapDefinition: ResourceDefinition = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  namespaced: true,
  schema: configMapSchema,
  schemaName: 'io.k8s.api.core.v1.ConfigMap',
  tracksGeneration: false,
  columns: [
    {
      name: 'Data',
      type: 'integer',
      description: 'Number of keys.',
      priority: 0,
      value: ({ data }) => Object.keys((data as object | undefined) ?? {}).length,
    },
  ],
  strategy: {
    validateUpdate: (object, old) =>
      old.immutable === true && JSON.stringify(object.data) !== JSON.stringify(old.data)
        ? [
            {
              reason: 'FieldValueForbidden',
              field: 'data',
              message: 'Forbidden: field is immutable when `immutable` is set',
            },
          ]
        : [],
  },
};

const text = (object: KubeObject, path: string): string => {
  const value = valueAt(object, path);
  return typeof value === 'string' ? value : '';
};

export const widgetDefinition: ResourceDefinition = {
  group: 'example.io',
  version: 'v1',
  kind: 'Widget',
  plural: 'widgets',
  singular: 'widget',
  shortNames: ['wd'],
  categories: ['all'],
  namespaced: true,
  schema: widgetSchema,
  schemaName: 'io.example.v1.Widget',
  hasStatus: true,
  scale: {
    specReplicasPath: '.spec.replicas',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.status.selector',
  },
  selectableFields: { 'spec.colour': (object) => text(object, 'spec.colour') },
  columns: [
    {
      name: 'Size',
      type: 'string',
      description: 'How big each one is.',
      priority: 0,
      value: (object) => text(object, 'spec.size'),
    },
    {
      name: 'Colour',
      type: 'string',
      description: 'Colour of the paint.',
      priority: 1,
      value: (object) => text(object, 'spec.colour'),
    },
  ],
};
