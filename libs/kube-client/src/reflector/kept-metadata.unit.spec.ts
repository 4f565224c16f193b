import { describe, expect, it } from '@jest/globals';
import type { KubeMetadata } from '../client/kube-object.js';
import { keptMetadata, withoutManagedFields } from './kept-metadata.js';

const metadata: KubeMetadata & { managedFields: object[] } = {
  name: 'web',
  uid: 'u1',
  resourceVersion: '7',
  creationTimestamp: '2026-11-24T00:00:00Z',
  labels: { app: 'web' },
  managedFields: [{ manager: 'kubectl' }],
};

describe('kept metadata', () => {
  it('is the identity and what is asked for, without keys for what the object has not', () => {
    expect(keptMetadata(metadata)).toStrictEqual({ name: 'web', uid: 'u1', resourceVersion: '7' });
    expect(keptMetadata(metadata, 'creationTimestamp', 'deletionTimestamp')).toStrictEqual({
      name: 'web',
      uid: 'u1',
      resourceVersion: '7',
      creationTimestamp: '2026-11-24T00:00:00Z',
    });
  });

  it('is all but managedFields where an object is kept whole, and leaves the object as it is', () => {
    const { managedFields, ...rest } = metadata;
    expect(withoutManagedFields(metadata)).toStrictEqual(rest);
    expect(metadata.managedFields).toBe(managedFields);
  });
});
