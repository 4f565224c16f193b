import { describe, expect, it } from '@jest/globals';
import type { StrategyContext } from '@skyflow/apimachinery';
import type { KubeObject } from '@skyflow/contracts';
import { secretStrategy } from './secret-rules.js';

const context = {} as StrategyContext;
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const secret = (fields: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'db', namespace: 'team' },
  ...fields,
});

function causes(fields: object): string[] {
  const object = secret(fields);
  secretStrategy.prepareForCreate?.(object, context);
  return (secretStrategy.validate?.(object, context) ?? []).map(({ field, message }) => `${field ?? ''}: ${message}`);
}

const changed = (from: object, to: object): (string | undefined)[] =>
  (secretStrategy.validateUpdate?.(secret(to), secret(from), context) ?? []).map(({ field }) => field);

describe('a Secret', () => {
  it('has any type, also one that is called like what every object has', () => {
    for (const type of ['__proto__', 'constructor', 'toString']) expect(causes({ type })).toEqual([]);
  });

  it('takes stringData into data, which it overrides', () => {
    const object = secret({ data: { a: base64('old'), b: base64('b') }, stringData: { a: 'new' } });
    secretStrategy.prepareForCreate?.(object, context);
    expect(object).toMatchObject({ type: 'Opaque', data: { a: base64('new'), b: base64('b') } });
    expect(object).not.toHaveProperty('stringData');
  });

  it('hides what is no base64 from the refusal of it', () => {
    const object = secret({ data: { a: 'my password!', b: 5, c: base64('x') }, stringData: { d: ['x'] } });
    secretStrategy.prepareForCreate?.(object, context);
    expect(object.data).toEqual({ a: '<hidden>', b: '<hidden>', c: base64('x'), d: '<hidden>' });
  });

  it('must have names that can be files', () => {
    expect(causes({ data: { ok: base64('x'), 'a/b': base64('x'), '..': base64('x') } })).toEqual([
      expect.stringContaining('data[a/b]: Invalid value: a valid name'),
      expect.stringContaining('data[..]'),
    ]);
  });

  it('is at most 1 MiB', () => {
    expect(causes({ data: { a: base64('x'.repeat(1 << 20)) } })).toEqual([]);
    expect(causes({ data: { a: base64('x'.repeat((1 << 20) + 1)) } })).toEqual([expect.stringContaining('Too long')]);
  });

  it.each([
    ['kubernetes.io/tls', { 'tls.crt': base64('c') }, 'data[tls.key]'],
    ['kubernetes.io/dockerconfigjson', {}, 'data[.dockerconfigjson]'],
    ['kubernetes.io/dockerconfigjson', { '.dockerconfigjson': base64('{') }, 'must be JSON'],
    ['kubernetes.io/ssh-auth', {}, 'data[ssh-privatekey]'],
    ['kubernetes.io/basic-auth', {}, 'username, password or both'],
  ])('of type %s with %j is refused for %s', (type, data, message) => {
    expect(causes({ type, data })).toEqual([expect.stringContaining(message)]);
  });

  it('keeps its type, and everything when it is immutable', () => {
    expect(changed({ type: 'Opaque' }, { type: 'kubernetes.io/tls' })).toEqual(['type']);
    expect(changed({ immutable: true, data: { a: 'eA==' } }, { immutable: true, data: { a: 'eQ==' } })).toEqual([
      'data',
    ]);
    expect(changed({ immutable: true }, {})).toEqual(['immutable']);
    expect(changed({ data: { a: 'eA==' } }, { data: { a: 'eQ==' } })).toEqual([]);
  });
});
