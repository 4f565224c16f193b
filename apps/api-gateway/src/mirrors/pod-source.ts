/**
 * Pods of SkyFlow's workloads in all clusters, as their agents tell them. Pods of a cluster that does not answer become Unknown, and
 * whoever lists is told that there may be more.
 */
import type { NatsConnection } from '@nats-io/transport-node';
import type { ListOptions, ListResult, ResourceDefinition } from '@skyflow/apimachinery';
import type { KubeObject } from '@skyflow/contracts';
import type { ReadModel } from '../store/read-model.js';
import { type NativePod, podsByCluster } from '../workloads/agent-pods.js';
import { type MirrorSource, MirrorStore } from './mirror-store.js';
import { LABEL_CLUSTER, nodeName, podName } from './mirrored-names.js';

const KINDS = ['Deployment', 'Job'] as const;

export class PodStore extends MirrorStore {
  constructor(
    definition: ResourceDefinition,
    private readonly pods: PodSource,
  ) {
    super(definition, pods);
  }

  override async list(asked: ListOptions): Promise<ListResult> {
    const listed = await super.list(asked);
    const warnings = this.pods.unanswered(asked);
    return warnings.length === 0 ? listed : { ...listed, warnings };
  }
}

export class PodSource implements MirrorSource {
  /** Of the last look: cluster → why its agent told nothing. */
  private silent = new Map<string, Error>();

  constructor(
    private readonly nats: NatsConnection,
    private readonly model: ReadModel,
    private readonly stopping: AbortSignal,
  ) {}

  async fetch(before: readonly KubeObject[]): Promise<KubeObject[]> {
    const clusters = [...this.model.state.table.ordered('Cluster')].map(({ name }) => name);
    const answers = await podsByCluster(this.nats, clusters, {}, this.stopping);
    this.silent = new Map(answers.flatMap((answer) => ('error' in answer ? [[answer.cluster, answer.error]] : [])));
    return answers.flatMap((answer) =>
      'error' in answer
        ? before.filter(({ metadata }) => metadata.labels?.[LABEL_CLUSTER] === answer.cluster).map(unseen)
        : answer.pods.map((pod) => mirrored(pod, answer.cluster)),
    );
  }

  /** A sentence for each cluster that has shares of workloads (of the namespace) and told nothing at the last look. */
  unanswered({ namespace, visible }: Pick<ListOptions, 'namespace' | 'visible'>): string[] {
    if (this.silent.size === 0) return [];
    const used = new Set<string>();
    for (const kind of KINDS) {
      for (const { workload } of this.model.state.table.ordered(kind, namespace)) {
        for (const { cluster } of workload?.shares ?? []) used.add(cluster);
      }
    }
    const silent = [...this.silent].filter(([cluster]) => used.has(cluster));
    // Who does not see all pods is not told where the others are.
    if (visible !== undefined) return silent.length === 0 ? [] : ['clusters do not answer: some pods may not be shown'];
    return silent.map(([cluster, { message }]) => `not all pods in cluster ${cluster} may be shown: ${message}`);
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
