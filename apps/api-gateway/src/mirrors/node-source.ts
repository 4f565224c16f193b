/** Nodes of all clusters, made from what their agents reported last. */
import type { ClusterStatus, KubeObject } from '@skyflow/contracts';
import { apiObject, formatBytes, formatCpu } from '@skyflow/domain';
import type { ReadModel } from '../store/read-model.js';
import type { MirrorSource } from './mirror-store.js';
import { LABEL_CLUSTER, nodeName } from './mirrored-names.js';

export class NodeSource implements MirrorSource {
  constructor(private readonly model: ReadModel) {}

  async fetch(): Promise<KubeObject[]> {
    await this.model.upToDate();
    const basis = this.model.basis();
    return [...this.model.state.table.ordered('Cluster')].flatMap((record) => {
      const { status } = apiObject(record, basis) as { status: ClusterStatus };
      const labels = new Map(record.observation?.nodes.map((node) => [node.name, node.labels]));
      return status.nodes.map((node) => ({
        apiVersion: 'v1',
        kind: 'Node',
        metadata: {
          name: nodeName(node.name, record.name),
          uid: `${record.uid}-${node.name}`,
          creationTimestamp: record.creationTimestamp,
          labels: { 'kubernetes.io/hostname': node.name, ...labels.get(node.name), [LABEL_CLUSTER]: record.name },
        },
        spec: {
          ...(node.unschedulable === true ? { unschedulable: true } : {}),
          ...(node.taints === undefined ? {} : { taints: node.taints }),
        },
        status: {
          allocatable: quantities(node.allocatable),
          capacity: quantities(node.allocatable),
          nodeInfo: { kubeletVersion: status.kubernetesVersion ?? '' },
          conditions: [readiness(status, node.ready)],
        },
      }));
    });
  }
}

function readiness({ phase, message }: ClusterStatus, ready: boolean): object {
  if (phase !== 'READY') {
    return { type: 'Ready', status: 'Unknown', reason: 'ClusterNotSeen', message: message ?? `cluster is ${phase}` };
  }
  return { type: 'Ready', status: ready ? 'True' : 'False', reason: ready ? 'KubeletReady' : 'KubeletNotReady' };
}

const quantities = (amounts: Readonly<Record<string, number>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(amounts).map(([name, amount]) => [name, name === 'cpu' ? formatCpu(amount) : sizeOf(name, amount)]),
  );

const sizeOf = (name: string, amount: number): string =>
  name === 'memory' || name.endsWith('storage') ? formatBytes(amount) : String(amount);
