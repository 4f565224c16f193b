import { describe, expect, it } from '@jest/globals';
import type { KubeObject } from '@skyflow/contracts';
import { omittedFields, without } from './omitted-fields.js';

const job = (): KubeObject => ({
  apiVersion: 'skyflow.io/v1',
  kind: 'Job',
  metadata: { name: 'x', managedFields: [{ manager: 'm' }] } as unknown as KubeObject['metadata'],
  spec: { replicas: 2, template: { spec: {} }, list: [{ template: 1 }] },
});

describe('fields that are left out', () => {
  it('are missing, the others are there, and the object itself is whole', () => {
    const object = job();
    expect(without(object, omittedFields('metadata.managedFields,spec.template'))).toEqual({
      apiVersion: 'skyflow.io/v1',
      kind: 'Job',
      metadata: { name: 'x' },
      spec: { replicas: 2, list: [{ template: 1 }] },
    });
    expect(object).toEqual(job());
  });

  it('need not be there, and are not looked for within lists', () => {
    for (const text of [
      undefined,
      '',
      'status',
      'spec.nothing.deeper',
      'spec.list.template',
      'toString',
      'spec.replicas.x',
    ])
      expect(without(job(), omittedFields(text))).toEqual(job());
  });

  it.each([
    ['metadata', /"metadata": this field tells objects/],
    ['status,metadata.resourceVersion', /"metadata.resourceVersion"/],
    ['a,,b', /omit: invalid value "": name fields/],
    ['spec[0]', /"spec\[0\]": name fields/],
    [Array.from({ length: 17 }, () => 'a').join(','), /17 fields are more than the 16/],
  ])('cannot be %s', (text, message) => {
    expect(() => omittedFields(text)).toThrow(message);
  });
});
