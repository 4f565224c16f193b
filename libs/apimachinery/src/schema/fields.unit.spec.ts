import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cloneJson } from '@skyflow/contracts';
import { closestName } from './closest-name.js';
import { applyDefaults } from './defaults.js';
import { prune } from './prune.js';
import { describeUnknownField, findUnknownFields, unknownFields } from './unknown-fields.js';
import { MAX_CAUSES } from './validate.js';
import { SchemaSet } from './schema-set.js';
import { anyJson, anyWorkload, set, workload } from './workload-schema.spec.js';

const pruned = (object: unknown): unknown => {
  const copy = cloneJson(object);
  prune(copy, workload, set);
  return copy;
};

const defaulted = (object: unknown): unknown => {
  const copy = cloneJson(object);
  applyDefaults(copy, workload, set);
  return copy;
};

describe('unknown fields', () => {
  it.each([
    [{ spec: { replicsa: 1 } }, 'unknown field "spec.replicsa"; did you mean "replicas"?'],
    [{ spec: { containers: [{ Image: 'x' }] } }, 'unknown field "spec.containers[0].Image"; did you mean "image"?'],
    [
      { spec: { containers: [{ name: 'a', env: [{ nmae: 'x' }] }] } },
      'unknown field "spec.containers[0].env[0].nmae"; did you mean "name"?',
    ],
    [{ spec: { qqqq: 1 } }, 'unknown field "spec.qqqq"'],
    [{ spec: { constructor: 1 } }, 'unknown field "spec.constructor"'],
    [{ metadata: { lables: {} } }, 'unknown field "metadata.lables"; did you mean "labels"?'],
  ])('of %j are found', (object, description) => {
    expect(findUnknownFields(object, workload, set).map(describeUnknownField)).toEqual([description]);
  });

  it('are not where anything may be', () => {
    const object = {
      metadata: { labels: { anything: 'x' } },
      spec: { free: { deep: { er: 1 } }, selector: { a: 'b' } },
    };
    expect(unknownFields(object, workload, set)).toEqual([]);
  });

  it('are bounded in number', () => {
    const spec = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`x${i}`, i]));
    expect(unknownFields({ spec }, workload, set)).toHaveLength(MAX_CAUSES);
  });

  it('are gone after pruning, and what is left is what was known', () => {
    fc.assert(
      fc.property(anyJson, (object) => {
        expect(unknownFields(pruned(object), workload, set)).toEqual([]);
      }),
    );
  });
});

describe('the closest name', () => {
  it.each([
    ['imagepullpolicy', ['image', 'imagePullPolicy'], 'imagePullPolicy'],
    ['contianers', ['containers', 'initContainers'], 'containers'],
    ['mount-path', ['mountPath'], 'mountPath'],
    ['evn', ['env', 'envFrom'], 'env'],
    ['replica', ['replicas'], 'replicas'],
    ['x', ['env', 'image'], undefined],
    ['nothingLikeIt', ['env', 'image'], undefined],
    ['a'.repeat(10_000), ['env'], undefined],
  ])('to %s of %j is %s', (name, candidates, expected) => {
    expect(closestName(name, candidates)).toBe(expected);
  });
});

describe('pruning', () => {
  it.each([
    [
      { spec: { image: 'a', imagee: 'b', containers: [{ name: 'c', x: 1 }] } },
      { spec: { image: 'a', containers: [{ name: 'c' }] } },
    ],
    [{ spec: { replicas: null, containers: null } }, { spec: {} }],
    [{ spec: { note: null } }, { spec: { note: null } }],
    [{ spec: { memory: 1.5, replicas: 2 } }, { spec: { memory: '1.5', replicas: 2 } }],
    [{ spec: { free: { a: null, b: [null] } } }, { spec: { free: { a: null, b: [null] } } }],
    [{ metadata: { labels: { a: null, b: 'c' } } }, { metadata: { labels: { a: '', b: 'c' } } }],
    [
      { spec: { containers: 'wrong', selector: { any: 'thing' } } },
      { spec: { containers: 'wrong', selector: { any: 'thing' } } },
    ],
  ])('of %j leaves %j', (object, expected) => {
    expect(pruned(object)).toEqual(expected);
  });

  it('twice is as once, whatever it is given', () => {
    fc.assert(
      fc.property(anyJson, (object) => {
        const once = pruned(object);
        expect(pruned(once)).toEqual(once);
      }),
    );
  });

  it('takes nothing from an object of the schema', () => {
    fc.assert(
      fc.property(anyWorkload, (object) => {
        expect(pruned(object)).toEqual(object);
      }),
    );
  });
});

describe('defaulting', () => {
  it('fills in what is absent, and in what it fills in', () => {
    expect(defaulted({ spec: { containers: [{ name: 'a', ports: [{ port: 80 }] }] } })).toEqual({
      spec: {
        replicas: 1,
        policy: 'Always',
        strategy: { type: 'Rolling' },
        containers: [{ name: 'a', ports: [{ port: 80, protocol: 'TCP' }] }],
      },
    });
  });

  it.each([
    ['makes no object that has no default itself', {}, {}],
    [
      'keeps what is set',
      { spec: { replicas: 0, policy: 'Never', strategy: { type: 'x' } } },
      { spec: { replicas: 0, policy: 'Never', strategy: { type: 'x' } } },
    ],
    [
      'takes null for absent',
      { spec: { replicas: null } },
      { spec: { replicas: 1, policy: 'Always', strategy: { type: 'Rolling' } } },
    ],
    [
      'takes "" for absent where it is no value',
      { spec: { policy: '', replicas: 1, strategy: { type: '' } } },
      { spec: { policy: 'Always', replicas: 1, strategy: { type: '' } } },
    ],
  ])('%s', (_, object, expected) => {
    expect(defaulted(object)).toEqual(expected);
  });

  it('gives each object its own copy of a default', () => {
    const [a, b] = [defaulted({ spec: {} }), defaulted({ spec: {} })] as {
      spec: { strategy: Record<string, unknown> };
    }[];
    a!.spec.strategy.type = 'changed';
    expect(b!.spec.strategy).toEqual({ type: 'Rolling' });
  });

  it('follows a schema that contains itself', () => {
    const tree = { children: [{ children: [{}] }, { value: 3 }] };
    applyDefaults(tree, SchemaSet.ref('Tree'), set);
    expect(tree).toEqual({ value: 0, children: [{ value: 0, children: [{ value: 0 }] }, { value: 3 }] });
  });

  it('twice is as once, whatever it is given', () => {
    fc.assert(
      fc.property(anyJson, (object) => {
        const once = defaulted(object);
        expect(defaulted(once)).toEqual(once);
      }),
    );
  });
});
