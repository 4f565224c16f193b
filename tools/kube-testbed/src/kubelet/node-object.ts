/** A hollow node as its kubelet registers it. Pure. */
import type { KubeObject } from '@skyflow/kube-client';

export interface HollowNode {
  name: string;
  /** Position in its cluster, from 0. */
  at: number;
  cpu: string;
  memory: string;
  pods: number;
  /** Of the cluster's API server: kubelets are of its version. */
  version: string;
}

export function nodeObject({ name, at }: HollowNode): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'topology.kubernetes.io/zone': `testbed-${'abc'[at % 3] ?? 'a'}`,
      },
    },
    spec: { podCIDR: `10.244.${at % 256}.0/24` },
  };
}

/** @param now RFC 3339 */
export function nodeStatus(
  { name, cpu, memory, pods, version }: HollowNode,
  now: string,
  kubeletPort?: number,
): object {
  const resources = { cpu, memory, pods: String(pods), 'ephemeral-storage': '100Gi' };
  const condition = (type: string, holds: boolean, reason: string): object => ({
    type,
    status: holds ? 'True' : 'False',
    reason,
    message: 'hollow node',
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  });
  return {
    capacity: resources,
    allocatable: resources,
    // Without a port nobody listens there: logs and exec of hollow pods fail at once instead of after a time.
    ...(kubeletPort === undefined ? {} : { daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } } }),
    addresses: [
      { type: 'InternalIP', address: '127.0.0.1' },
      { type: 'Hostname', address: name },
    ],
    conditions: [
      condition('MemoryPressure', false, 'KubeletHasSufficientMemory'),
      condition('DiskPressure', false, 'KubeletHasNoDiskPressure'),
      condition('PIDPressure', false, 'KubeletHasSufficientPID'),
      condition('Ready', true, 'KubeletReady'),
    ],
    nodeInfo: {
      architecture: 'amd64',
      bootID: '',
      containerRuntimeVersion: 'hollow://0.1.0',
      kernelVersion: '',
      kubeProxyVersion: '',
      kubeletVersion: version,
      machineID: name,
      operatingSystem: 'linux',
      osImage: 'SkyFlow hollow node',
      systemUUID: '',
    },
  };
}

export const LEASE_SECONDS = 40;

/** The node's heartbeat (KEP-589). @param microTime metav1.MicroTime */
export function leaseSpec(node: string, microTime: string): object {
  return { holderIdentity: node, leaseDurationSeconds: LEASE_SECONDS, renewTime: microTime };
}
