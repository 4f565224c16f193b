import { describe, expect, it } from '@jest/globals';
import { SchemaSet } from '@skyflow/apimachinery';
import { describedNativeSchemas, nativeSchemas } from './native-schemas.js';

describe('native schemas', () => {
  const schemas = nativeSchemas();
  const set = new SchemaSet(schemas);

  it('resolve every reference', () => {
    const seen = JSON.stringify(schemas).match(/#\/components\/schemas\/[^"]+/g) ?? [];
    expect(seen.length).toBeGreaterThan(500);
    for (const $ref of new Set(seen)) expect(set.resolve({ $ref })).toBeDefined();
  });

  it('carry the kinds with their group and version', () => {
    const kinds = Object.values(schemas).flatMap((schema) => schema['x-kubernetes-group-version-kind'] ?? []);
    const names = kinds.map(({ group, version, kind }) => `${group}/${version} ${kind}`);
    expect(names).toEqual(
      expect.arrayContaining([
        '/v1 Pod',
        '/v1 PodList',
        '/v1 Event',
        'events.k8s.io/v1 Event',
        'apps/v1 Deployment',
        'batch/v1 CronJob',
        'discovery.k8s.io/v1 EndpointSlice',
        'autoscaling/v1 Scale',
        'policy/v1 PodDisruptionBudget',
      ]),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  it('name types as upstream does, each in the package that defines it', () => {
    expect(set.get('io.k8s.api.core.v1.PodTemplateSpec')).toBeDefined();
    expect(set.get('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta')).toBeDefined();
    expect(set.get('io.k8s.api.core.v1.TopologySelectorTerm')).toBeDefined();
    expect(set.get('io.k8s.api.apps.v1.PodSpec')).toBeUndefined();
  });

  it('keep descriptions apart', () => {
    expect(JSON.stringify(schemas)).not.toContain('"description":"');
    const described = describedNativeSchemas()['io.k8s.api.core.v1.Container'];
    expect(described?.description).toBe('A single application container that you want to run within a pod.');
    expect(described?.properties?.args?.description).toMatch(
      /^Arguments to the entrypoint\. The container image's CMD/,
    );
  });

  it('describe every field, by its type where the field itself has no words', () => {
    const all = describedNativeSchemas();
    const silent = Object.entries(all).flatMap(([name, { properties = {} }]) =>
      Object.keys(properties)
        .filter((field) => (properties[field]?.description ?? '') === '')
        .map((field) => `${name}.${field}`),
    );
    expect(silent).toEqual([]);
    expect(all['io.k8s.api.core.v1.Pod']?.properties?.spec).toMatchObject({
      $ref: '#/components/schemas/io.k8s.api.core.v1.PodSpec',
      description: 'PodSpec is a description of a pod.',
    });
  });

  it.each([
    [
      'io.k8s.api.core.v1.ConfigMap',
      'binaryData',
      { type: 'object', additionalProperties: { type: 'string', format: 'byte' } },
    ],
    [
      'io.k8s.api.core.v1.ContainerPort',
      'containerPort',
      { type: 'integer', format: 'int32', minimum: 1, maximum: 65_535 },
    ],
    ['io.k8s.api.core.v1.Container', 'command', { type: 'array', items: { type: 'string' } }],
    ['io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta', 'creationTimestamp', { type: 'string', format: 'date-time' }],
    ['io.k8s.api.coordination.v1.LeaseSpec', 'renewTime', { type: 'string', format: 'date-time' }],
  ])('%s.%s is %j', (name, field, schema) => {
    expect(set.get(name)?.properties?.[field]).toEqual(schema);
  });
});
