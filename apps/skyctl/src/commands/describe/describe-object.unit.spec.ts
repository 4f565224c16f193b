import { describe, expect, it } from '@jest/globals';
import type { ApiObject } from '@skyflow/contracts';
import { describeMetadata, describeRest } from './describe-object.js';

const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name: 'db',
    namespace: 'team',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '2026-11-24T08:00:00Z',
    annotations: {
      'kubectl.kubernetes.io/last-applied-configuration': '{"stringData":{"password":"hunter2"}}',
      owner: 'me',
    },
  },
  type: 'Opaque',
  data: { password: Buffer.from('hunter2').toString('base64') },
} as unknown as ApiObject;

describe('the description of a Secret', () => {
  it('tells the size of its values and never a value', async () => {
    const text = [describeMetadata(secret, Date.parse('2026-11-24T09:00:00Z')), ...(await describeRest(secret))].join(
      '\n',
    );
    expect(text).toMatch(/Type: +Opaque/);
    expect(text).toMatch(/password: +7 bytes/);
    expect(text).toMatch(/Annotations: +owner=me/);
    for (const value of ['hunter2', Buffer.from('hunter2').toString('base64')]) expect(text).not.toContain(value);
  });

  it('of another kind is its fields as YAML', async () => {
    const rest = await describeRest({ ...secret, kind: 'ConfigMap', data: { a: '1' } } as unknown as ApiObject);
    expect(rest.join('\n')).toContain('data:\n  a: "1"');
  });
});
