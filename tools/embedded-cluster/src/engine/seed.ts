/** What is in a cluster before anybody asks for anything. */
import type { KubeObject } from '@skyflow/contracts';
import { formatBytes, parseAmount } from '@skyflow/domain';
import type { ClusterSettings, NodeSettings } from '../config/cluster-settings.js';

const SYSTEM_NAMESPACES = ['default', 'kube-system', 'kube-node-lease', 'kube-public'];
export const KUBELET_VERSION = 'v1.36.0+skyflow-embedded';

/** @param servicePrefix first two octets of the service network. @param podNetwork of all nodes; absent: each has its own. */
export function seedObjects(
  settings: ClusterSettings,
  { servicePrefix, podNetwork, nowMs }: { servicePrefix: string; podNetwork: string | undefined; nowMs: number },
): KubeObject[] {
  return [
    ...SYSTEM_NAMESPACES.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    priorityClass('system-cluster-critical', 2_000_000_000),
    priorityClass('system-node-critical', 2_000_001_000),
    ...settings.nodes.map((node, at) => nodeObject(settings, node, at, podNetwork ?? `10.244.${at % 256}.0/24`)),
    ...settings.nodes.map(({ name }) => leaseObject(name, nowMs)),
    kubernetesService(servicePrefix),
    ...systemWorkloads(settings),
  ];
}

const priorityClass = (name: string, value: number): KubeObject => ({
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: { name },
  value,
  description: 'Used for system critical pods.',
});

function nodeObject(
  { name: cluster, region, runtime }: ClusterSettings,
  node: NodeSettings,
  at: number,
  podCidr: string,
): KubeObject {
  const resources = {
    cpu: node.cpu,
    memory: node.memory,
    pods: String(node.pods),
    'ephemeral-storage': node.ephemeralStorage,
    ...(node.gpus > 0 ? { 'nvidia.com/gpu': String(node.gpus) } : {}),
    ...node.extended,
  };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: node.name,
      labels: {
        'beta.kubernetes.io/arch': architecture(),
        'beta.kubernetes.io/os': process.platform,
        'kubernetes.io/arch': architecture(),
        'kubernetes.io/hostname': node.name,
        'kubernetes.io/os': process.platform,
        'node.kubernetes.io/instance-type': node.instanceType,
        'topology.kubernetes.io/region': region,
        'topology.kubernetes.io/zone': `${region}-${'abc'[at % 3] ?? 'a'}`,
        ...node.labels,
      },
      annotations: { 'embedded.skyflow.io/runtime': runtime },
    },
    spec: {
      podCIDR: podCidr,
      podCIDRs: [podCidr],
      providerID: `skyflow://${cluster}/${node.name}`,
      ...(node.taints.length > 0 ? { taints: node.taints } : {}),
    },
    status: {
      capacity: resources,
      allocatable: resources,
      addresses: [
        { type: 'InternalIP', address: nodeIp(at) },
        { type: 'Hostname', address: node.name },
      ],
      conditions: [],
      daemonEndpoints: { kubeletEndpoint: { Port: 10_250 } },
      nodeInfo: {
        architecture: architecture(),
        bootID: '',
        containerRuntimeVersion: `skyflow-${runtime}://0.1.0`,
        kernelVersion: '',
        kubeProxyVersion: '',
        kubeletVersion: KUBELET_VERSION,
        machineID: node.name,
        operatingSystem: process.platform,
        osImage: 'SkyFlow embedded node',
        systemUUID: '',
      },
    },
  };
}

const architecture = (): string => (process.arch === 'x64' ? 'amd64' : process.arch);

/** Address of a cluster's n-th node. */
export const nodeIp = (at: number): string => `10.0.${(at + 2) >> 8}.${(at + 2) & 255}`;

function leaseObject(node: string, nowMs: number): KubeObject {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: node, namespace: 'kube-node-lease' },
    spec: { holderIdentity: node, leaseDurationSeconds: 40, renewTime: microTime(nowMs) },
  };
}

/** metav1.MicroTime. */
export const microTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');

/** The API as pods see it; made again when someone deletes it. */
export const kubernetesService = (servicePrefix: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'kubernetes',
    namespace: 'default',
    labels: { component: 'apiserver', provider: 'kubernetes' },
  },
  spec: {
    type: 'ClusterIP',
    clusterIP: `${servicePrefix}.0.1`,
    ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }],
  },
});

/** What a cluster needs for itself, as deployments that request it. Their containers are simulated. */
function systemWorkloads({ systemRequests }: ClusterSettings): KubeObject[] {
  if (systemRequests === null) return [];
  const dnsMemory = Math.min(170 * 1024 ** 2, parseAmount('memory', systemRequests.memory));
  const rest = parseAmount('memory', systemRequests.memory) - dnsMemory;
  return [
    systemDeployment('coredns', 'registry.k8s.io/coredns/coredns:v1.12.1', {
      cpu: systemRequests.cpu,
      memory: formatBytes(dnsMemory),
    }),
    ...(rest > 0
      ? [systemDeployment('system-reserve', 'skyflow.io/system-reserve:embedded', { memory: formatBytes(rest) })]
      : []),
  ];
}

function systemDeployment(name: string, image: string, requests: Record<string, string>): KubeObject {
  const labels = { 'k8s-app': name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name,
      namespace: 'kube-system',
      labels,
      annotations: {
        'embedded.skyflow.io/note': 'stands for what the pods of a managed cluster request for themselves; simulated',
      },
    },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          priorityClassName: 'system-cluster-critical',
          containers: [{ name, image, resources: { requests } }],
          tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }],
        },
      },
    },
  };
}
