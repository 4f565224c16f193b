import { describe, expect, it } from '@jest/globals';
import { podRequests } from './pod-requests.js';
import { InvalidQuantityError } from './quantity.js';

const asks = (requests: Record<string, string | number>, more: Record<string, unknown> = {}) => ({
  resources: { requests },
  ...more,
});

describe('the requests of a pod', () => {
  it('are one pod and nothing else when nobody asks', () => {
    expect(podRequests({ containers: [{}] })).toEqual({ pods: 1 });
    expect(podRequests({ containers: [asks({ cpu: '0' })] })).toEqual({ pods: 1 });
  });

  it('are the sum of its containers, in base units', () => {
    const pod = { containers: [asks({ cpu: '500m', memory: '1Gi' }), asks({ cpu: 1, 'nvidia.com/gpu': '2' })] };
    expect(podRequests(pod)).toEqual({ cpu: 1500, memory: 1024 ** 3, 'nvidia.com/gpu': 2, pods: 1 });
  });

  it('take a limit where there is no request', () => {
    const pod = { containers: [{ resources: { requests: { cpu: '1' }, limits: { cpu: '2', 'nvidia.com/gpu': 1 } } }] };
    expect(podRequests(pod)).toEqual({ cpu: 1000, 'nvidia.com/gpu': 1, pods: 1 });
  });

  it('are at least those of the hungriest init container', () => {
    const pod = {
      containers: [asks({ cpu: '1', memory: '100Mi' })],
      initContainers: [asks({ cpu: '3' }), asks({ cpu: '2', memory: '50Mi' })],
    };
    expect(podRequests(pod)).toEqual({ cpu: 3000, memory: 100 * 1024 ** 2, pods: 1 });
  });

  it('count a sidecar with the containers and with the init containers after it', () => {
    const sidecar = asks({ cpu: '1' }, { restartPolicy: 'Always' });
    expect(podRequests({ containers: [asks({ cpu: '1' })], initContainers: [sidecar] }).cpu).toBe(2000);
    const before = { containers: [asks({ cpu: '1' })], initContainers: [asks({ cpu: '4' }), sidecar] };
    expect(podRequests(before).cpu).toBe(4000);
    const after = { containers: [asks({ cpu: '1' })], initContainers: [sidecar, asks({ cpu: '4' })] };
    expect(podRequests(after).cpu).toBe(5000);
  });

  it('follow pod-level resources where given, and add the overhead', () => {
    const pod = {
      containers: [asks({ cpu: '1', memory: '1Gi', 'example.com/dongle': 1 })],
      resources: { requests: { cpu: '3' }, limits: { memory: '4Gi' } },
      overhead: { cpu: '250m' },
    };
    expect(podRequests(pod)).toEqual({ cpu: 3250, memory: 1024 ** 3, 'example.com/dongle': 1, pods: 1 });
  });

  it('cannot be told from a quantity that is none', () => {
    expect(() => podRequests({ containers: [asks({ cpu: 'lots' })] })).toThrow(InvalidQuantityError);
  });
});
