import { describe, expect, it } from '@jest/globals';
import { nativeSchemas } from '../native-schemas.js';
import { applyOverlay } from '../overlay/apply-overlay.js';
import { fieldSchema } from './field-schema.js';
import { generate } from './generate.js';
import { readModel } from './model-source.js';
import { modelsIn, shortName } from './schema-names.js';

const field = (type: string, format = ''): Parameters<typeof fieldSchema>[0] => ({
  name: 'f',
  type,
  format,
  required: false,
  description: '',
});

describe('the generator', () => {
  it('makes what was built (if not: npx nx build kube-schema)', async () => {
    const { schemas, descriptions } = await generate();
    expect(schemas).toEqual(nativeSchemas());
    expect(Object.keys(descriptions).length).toBe(Object.keys(schemas).length - 2);
  });

  it('reads types, requiredness and documentation of a model', async () => {
    const { fields, description } = await readModel('V1EnvVar');
    expect(description).toBe('EnvVar represents an environment variable present in a Container.');
    expect(fields.map(({ name, type, required }) => [name, type, required])).toEqual([
      ['name', 'string', true],
      ['value', 'string', false],
      ['valueFrom', 'V1EnvVarSource', false],
    ]);
    expect(fields[1]?.description).toContain('"$$(VAR_NAME)" will produce the string literal "$(VAR_NAME)"');
  });

  it.each([
    ['Array<V1Pod>', '', { type: 'array', items: { $ref: '#/components/schemas/x.V1Pod' } }],
    [
      '{ [key: string]: Array<string>; }',
      '',
      { type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } } },
    ],
    ['number', 'int64', { type: 'integer', format: 'int64' }],
    ['IntOrString', 'int-or-string', { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.util.intstr.IntOrString' }],
    ['any', '', { 'x-kubernetes-preserve-unknown-fields': true }],
  ])('makes of %s %s a schema', (type, format, schema) => {
    expect(fieldSchema(field(type, format), (model) => `x.${model}`)).toEqual(schema);
  });

  it('stops at a form of number that it does not know', () => {
    expect(() => fieldSchema(field('number', 'int16'), String)).toThrow('"int16"');
  });

  it.each([
    ['V1PodSpec', 'PodSpec'],
    ['CoreV1Event', 'Event'],
    ['V2MetricSpec', 'MetricSpec'],
  ])('names the type of %s %s', (model, name) => {
    expect(shortName(model)).toBe(name);
    expect(modelsIn(`Array<${model}>`)).toEqual([model]);
  });
});

describe('an overlay', () => {
  const schemas = () => ({ 'p.T': { type: 'object', properties: { a: { type: 'string' } } } }) as const;

  it.each([
    [{ U: {} }, 'overlay names p.U'],
    [{ T: { b: {} } }, 'overlay names p.T.b'],
  ])('%j that names what is not there is an error', (types, message) => {
    expect(() => applyOverlay(schemas(), { packageName: 'p', types })).toThrow(message);
  });

  it('adds to fields and to the type, and replaces a type by a reference', () => {
    const all: Parameters<typeof applyOverlay>[0] = schemas();
    applyOverlay(all, { packageName: 'p', types: { T: { a: { default: 'x' }, $type: { required: ['a'] } } } });
    expect(all['p.T']).toEqual({
      type: 'object',
      properties: { a: { type: 'string', default: 'x' } },
      required: ['a'],
    });
    applyOverlay(all, { packageName: 'p', types: { T: { a: { $ref: 'q' } } } });
    expect(all['p.T']?.properties).toEqual({ a: { $ref: 'q' } });
  });
});
