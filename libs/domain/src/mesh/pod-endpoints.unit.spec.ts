import { describe, expect, it } from '@jest/globals';
import { type EndpointPod, podEndpoints } from './pod-endpoints.js';

const pod = (
  name: string,
  over: { ready?: boolean; deleting?: boolean; phase?: string; ip?: string } = {},
): EndpointPod => ({
  metadata: {
    name,
    uid: `uid-${name}`,
    ...(over.deleting === true ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
  },
  spec: { containers: [{ ports: [{ name: 'http', containerPort: 8080 }] }] },
  status: {
    phase: over.phase ?? 'Running',
    podIP: over.ip ?? '10.0.0.1',
    conditions: [{ type: 'Ready', status: over.ready === false ? 'False' : 'True' }],
  },
});

const conditions = (each: EndpointPod): unknown => {
  const [endpoint] = podEndpoints([each], [{ port: 80 }]);
  return endpoint && [endpoint.ready, endpoint.serving, endpoint.terminating];
};

describe('endpoints of pods', () => {
  it('have the conditions of EndpointSlices', () => {
    expect(conditions(pod('a'))).toEqual([true, true, false]);
    expect(conditions(pod('a', { ready: false }))).toEqual([false, false, false]);
    expect(conditions(pod('a', { deleting: true }))).toEqual([false, true, true]);
    expect(conditions(pod('a', { deleting: true, ready: false }))).toEqual([false, false, true]);
  });

  it('are not there without an address, after the end, or at an address that nobody may have', () => {
    expect(conditions(pod('a', { ip: '' }))).toBeUndefined();
    expect(conditions(pod('a', { phase: 'Succeeded' }))).toBeUndefined();
    expect(conditions(pod('a', { ip: '169.254.169.254' }))).toBeUndefined();
  });

  it('resolve named ports in each pod by itself, and leave out what a pod does not have', () => {
    const other: EndpointPod = {
      ...pod('b', { ip: '10.0.0.2' }),
      spec: { containers: [{ ports: [{ name: 'http', containerPort: 9090 }] }] },
    };
    const none: EndpointPod = { ...pod('c', { ip: '10.0.0.3' }), spec: { containers: [{}] } };
    const endpoints = podEndpoints([pod('a'), other, none], [{ name: 'web', port: 80, targetPort: 'http' }]);
    expect(endpoints.map(({ ports }) => ports.map(({ port }) => port))).toEqual([[8080], [9090], []]);
  });
});
