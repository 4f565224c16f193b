/** Fills a real API server with nodes and with pods on them, as they are on clusters of others: nodes of 8 KiB, pods of 4 KiB. */
import { resources, type KubeClient } from '@skyflow/kube-client';

export interface Filling {
  nodes: number;
  /** On each node. */
  podsPerNode: number;
}

export const FILLED_NAMESPACE = 'others';
const AT_A_TIME = 32;
/** Of each pod. */
export const POD_CPU = '100m';

const nodeName = (index: number): string => `filled-${String(index).padStart(4, '0')}`;
const texts = (prefix: string, count: number, length: number): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`${prefix}-${at}`, `${at}-`.padEnd(length, 'of-others-')]),
  );

/** No controller manager may run: it would find the nodes silent, and take their pods away. Resolves when all of it is there. */
export async function fill(client: KubeClient, { nodes, podsPerNode }: Filling): Promise<void> {
  const namespace = FILLED_NAMESPACE;
  await client.create(resources.namespaces, { metadata: { name: namespace } });
  await client.create(resources.serviceAccounts, { metadata: { name: 'default', namespace } });
  await each(nodes, (index) => client.create(resources.nodes, node(index)));
  await each(nodes * podsPerNode, (index) => client.create(resources.pods, pod(index, index % nodes)));
}

const node = (index: number) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: nodeName(index),
    labels: { 'kubernetes.io/hostname': nodeName(index), ...texts('example.com/label', 20, 40) },
    annotations: texts('example.com/annotation', 20, 200),
  },
  status: {
    allocatable: { cpu: '16', memory: '64Gi', pods: '110' },
    capacity: { cpu: '16', memory: '64Gi', pods: '110' },
    conditions: [{ type: 'Ready', status: 'True' }],
    images: Array.from({ length: 20 }, (_, at) => ({
      names: [`registry.example.com/team/image-${at}:1`],
      sizeBytes: 1,
    })),
  },
});

const pod = (index: number, onNode: number) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: `filled-${index}`,
    namespace: FILLED_NAMESPACE,
    labels: texts('example.com/label', 10, 40),
    annotations: texts('example.com/annotation', 10, 200),
  },
  spec: {
    nodeName: nodeName(onNode),
    automountServiceAccountToken: false,
    containers: [
      {
        name: 'main',
        image: 'registry.example.com/team/image:1',
        env: Array.from({ length: 10 }, (_, at) => ({ name: `NAME_${at}`, value: `value of ${at}` })),
        resources: { requests: { cpu: POD_CPU, memory: '64Mi' } },
      },
    ],
  },
});

async function each(count: number, make: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) await make(index);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
}
