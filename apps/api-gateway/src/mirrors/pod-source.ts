/** Pods of SkyFlow's workloads in all clusters, as their agents tell them. Pods of a cluster that does not answer become Unknown. */
import type { NatsConnection } from '@nats-io/transport-node';
import type { KubeObject } from '@skyflow/apimachinery';
import type { ReadModel } from '../store/read-model.js';
import { type NativePod, podsByCluster } from '../workloads/agent-pods.js';
import type { MirrorSource } from './mirror-store.js';
import { LABEL_CLUSTER, nodeName, podName } from './mirrored-names.js';

export class PodSource implements MirrorSource {
  constructor(
    private readonly nats: NatsConnection,
    private readonly model: ReadModel,
    private readonly stopping: AbortSignal,
  ) {}

  async fetch(before: readonly KubeObject[]): Promise<KubeObject[]> {
    const clusters = [...this.model.state.table.ordered('Cluster')].map(({ name }) => name);
    const answers = await podsByCluster(this.nats, clusters, {}, this.stopping);
    return answers.flatMap((answer) =>
      'error' in answer
        ? before.filter(({ metadata }) => metadata.labels?.[LABEL_CLUSTER] === answer.cluster).map(unseen)
        : answer.pods.map((pod) => mirrored(pod, answer.cluster)),
    );
  }
}

function mirrored(pod: NativePod, cluster: string): KubeObject {
  const { resourceVersion: _version, managedFields: _fields, ownerReferences: _owners, ...metadata } = pod.metadata;
  const labels = metadata.labels as Record<string, string> | undefined;
  const node = pod.spec?.nodeName;
  return {
    ...pod,
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, name: podName(metadata.name, cluster), labels: { ...labels, [LABEL_CLUSTER]: cluster } },
    spec: { ...pod.spec, ...(typeof node === 'string' ? { nodeName: nodeName(node, cluster) } : {}) },
  };
}

/** What is known of a pod whose cluster cannot be asked: that it was there. */
const unseen = (pod: KubeObject): KubeObject => ({
  ...pod,
  status: {
    ...(pod.status as object | undefined),
    phase: 'Unknown',
    reason: 'ClusterUnreachable',
    message: `the agent of cluster ${pod.metadata.labels?.[LABEL_CLUSTER] ?? ''} does not answer`,
    conditions: [],
    containerStatuses: [],
  },
});
