import { describe, expect, it } from '@jest/globals';
import { type KubeObject, ObjectStore } from '@skyflow/kube-client';
import { type KeptPod, keepPod } from '../cluster/kept-objects.js';
import { Idleness } from './idleness.js';

let version = 0;
const pod = (name: string, { namespace = 'default', phase = 'Running', owner = '' }): KubeObject => ({
  metadata: {
    name,
    namespace,
    uid: name,
    resourceVersion: String(++version),
    ...(owner === '' ? {} : { ownerReferences: [{ apiVersion: 'apps/v1', kind: owner, name: 'x', uid: 'x' }] }),
  },
  spec: { nodeName: 'n1', containers: [] },
  status: { phase },
});

describe('idleness of a cluster, as its agent measures it', () => {
  const idleness = new Idleness();
  const store = new ObjectStore<KeptPod>();
  const put = (object: KubeObject): void => {
    const change = store.set(keepPod(object));
    if (change !== undefined) idleness.apply(change);
  };

  it('lasts since no pod has been there but those of the cluster itself', () => {
    put(pod('coredns', { namespace: 'kube-system' }));
    put(pod('logs', { owner: 'DaemonSet' }));
    put(pod('done', { phase: 'Succeeded' }));
    expect([idleness.since(1_000), idleness.since(5_000)]).toEqual([1_000, 1_000]);
  });

  it('ends with whatever somebody wants, placed or not, and begins anew when it is over', () => {
    put(pod('waits', { phase: 'Pending' }));
    expect(idleness.since(6_000)).toBeUndefined();
    put(pod('waits', { phase: 'Failed' }));
    expect(idleness.since(7_000)).toBe(7_000);
    // What came and went between two questions counts.
    put(pod('short', {}));
    put(pod('short', { phase: 'Succeeded' }));
    expect(idleness.since(8_000)).toBe(8_000);
  });
});
