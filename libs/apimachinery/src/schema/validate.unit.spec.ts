import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SchemaSet, UnknownSchemaError } from './schema-set.js';
import { MAX_CAUSES, validate } from './validate.js';
import { anyJson, anyWorkload, set, workload } from './workload-schema.spec.js';

const causes = (spec: unknown): string[] =>
  validate({ spec }, workload, set).map(({ field, message }) => `${field ?? ''}: ${message}`);

describe('validation', () => {
  it.each([
    [{ replicas: 'abc' }, 'spec.replicas: Invalid value: "abc": must be an integer'],
    [{ replicas: 1.5 }, 'spec.replicas: Invalid value: 1.5: must be an integer'],
    [{ replicas: -1 }, 'spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
    [{ replicas: 3e9 }, 'spec.replicas: Invalid value: 3000000000: must fit int32: between -2147483648 and 2147483647'],
    [{ weight: 2 }, 'spec.weight: Invalid value: 2: must be less than or equal to 1'],
    [{ paused: 'true' }, 'spec.paused: Invalid value: "true": must be true or false; write true without quotes'],
    [{ image: '' }, 'spec.image: Required value: must not be empty'],
    [{ image: 'A B' }, 'spec.image: Invalid value: "A B": must match ^[a-z0-9/:.-]+$'],
    [{ image: 'a'.repeat(41) }, 'spec.image: Too long: may not be more than 40 characters'],
    [{ policy: 'Foo' }, 'spec.policy: Unsupported value: "Foo": supported values: "Always", "Never"'],
    [{ port: true }, 'spec.port: Invalid value: true: must be an integer or a string such as 25%'],
    [{ memory: '1 GB' }, 'spec.memory: Invalid value: "1 GB": must be a quantity such as 500m, 1.5, 128Mi or 2Gi'],
    [{ containers: [{ name: 'a' }, {}] }, 'spec.containers[1].name: Required value'],
    [{ containers: [null] }, 'spec.containers[0]: Required value: is null'],
    [{ containers: 'a' }, 'spec.containers: Invalid value: "a": must be a list, not a string'],
    [
      { containers: [{ name: 'a', ports: [{ port: 1 }, { port: 0 }] }] },
      'spec.containers[0].ports[1].port: Invalid value: 0: must be between 1 and 65535, inclusive',
    ],
    [{ strategy: [] }, 'spec.strategy: Invalid value: […0 items]: must be an object (with type, rolling), not a list'],
    [{ selector: { 'a.b/c': 1 } }, 'spec.selector[a.b/c]: Invalid value: 1: must be a string; write "1" in quotes'],
    [
      { containers: Array.from({ length: 9 }, () => ({ name: 'a' })) },
      'spec.containers: Too many: 9: must have at most 8 items',
    ],
  ])('of %j says %s', (spec, message) => {
    expect(causes(spec)).toEqual([message]);
  });

  it.each([
    [{ port: 80 }],
    [{ port: '25%' }],
    [{ memory: '1.5Gi' }],
    [{ memory: 2 }],
    [{ note: null }],
    [{ replicas: null, containers: null }],
    [{ free: { anything: [1, { goes: null }] } }],
    [{ unknown: 1 }],
  ])('accepts %j', (spec) => {
    expect(causes(spec)).toEqual([]);
  });

  it.each(['0', '1', '-1', '+1.5', '.5', '5.', '100m', '1e3', '12E6', '1Ki', '128Mi', '1k', '1G', '4u', '3n'])(
    'takes %s for a quantity',
    (memory) => {
      expect(causes({ memory })).toEqual([]);
    },
  );

  it.each(['', ' 1', '1Gb', '1mi', 'Mi', '1.2.3', '1e', '0x10', '١'])('takes %j for no quantity', (memory) => {
    expect(causes({ memory })).toHaveLength(1);
  });

  it('requires what is required, null or not', () => {
    for (const object of [{}, { spec: null }]) {
      expect(validate(object, workload, set)).toEqual([
        { reason: 'FieldValueRequired', field: 'spec', message: 'Required value' },
      ]);
    }
  });

  it('gives the path from where it is told that it stands', () => {
    const schema = SchemaSet.ref('Spec');
    expect(validate({ replicas: -1 }, schema, set, ['items', 3, 'spec'])[0]?.field).toBe('items[3].spec.replicas');
  });

  it('gives a bounded number of causes', () => {
    const env = Array.from({ length: 500 }, () => ({}));
    expect(causes({ containers: [{ name: 'a', env }] })).toHaveLength(MAX_CAUSES);
  });

  it('looks a bounded way down', () => {
    let tree: object = { value: 'deep' };
    for (let i = 0; i < 20_000; i++) tree = { children: [tree] };
    const [cause] = validate(tree, SchemaSet.ref('Tree'), set);
    expect(cause?.message).toContain('must not be nested deeper than 64 levels');
  });

  it('takes no long time over a long text', () => {
    const schema = { type: 'string', pattern: '^(a+)+$' } as const;
    expect(validate(`${'a'.repeat(5000)}!`, schema, set)[0]?.reason).toBe('FieldValueTooLong');
  });

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(anyJson, (object) => {
        for (const cause of validate(object, workload, set)) expect(cause.message).not.toBe('');
      }),
    );
  });

  it('accepts every object that is made by the schema', () => {
    fc.assert(
      fc.property(anyWorkload, (object) => {
        expect(validate(object, workload, set)).toEqual([]);
      }),
    );
  });
});

describe('a schema set', () => {
  it('lays keywords beside a reference over what it names, and gives the same object again', () => {
    const schema = { ...SchemaSet.ref('Strategy'), default: {}, description: 'how' };
    const resolved = set.resolve(schema);
    expect(resolved).toMatchObject({ type: 'object', default: {}, description: 'how' });
    expect(resolved).not.toHaveProperty('$ref');
    expect(set.resolve(schema)).toBe(resolved);
    expect(set.get('Strategy')).not.toHaveProperty('default');
  });

  it.each([
    [{ $ref: '#/components/schemas/Missing' }, /"#\/components\/schemas\/Missing" names no schema of this set/],
    [{ $ref: 'elsewhere' }, /"elsewhere" names no schema/],
    [SchemaSet.ref('Loop'), /refers to itself/],
  ])('says of %j what is wrong', (schema, message) => {
    const loop = new SchemaSet({ Loop: SchemaSet.ref('Loop') });
    expect(() => loop.resolve(schema)).toThrow(UnknownSchemaError);
    expect(() => loop.resolve(schema)).toThrow(message);
  });
});
