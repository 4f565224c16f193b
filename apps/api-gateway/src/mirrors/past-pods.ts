/**
 * Pods as they were (`?at=`): those that agents named when they last reported a share by then. The log has of each its name, node, phase and
 * readiness; whoever lists is told of those that it does not have.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type ClusterStatus,
  type KubeObject,
  LABEL_WORKLOAD_KIND,
  LABEL_WORKLOAD_NAME,
  LABEL_WORKLOAD_UID,
  type ObservedPod,
} from '@skyflow/contracts';
import { type ObjectRecord, type WorkloadRecord, apiObject } from '@skyflow/domain';
import type { ListOptions, ListResult, ResourceDefinition } from '@skyflow/apimachinery';
import type { ReadModel } from '../store/read-model.js';
import { LABEL_CLUSTER, nodeName, podName } from './mirrored-names.js';
import { MirrorStore } from './mirror-store.js';

const KINDS = ['Deployment', 'Job'] as const;
/** Others get their turn while a long list is made. */
const WORKLOADS_PER_TURN = 1_000;
/** Shares that are named in warnings; of more only how many. */
const MOST_NAMED = 5;
const COUNTED = 'the status of the workloads counts all';

export class PastPods extends MirrorStore {
  constructor(
    definition: ResourceDefinition,
    private readonly past: ReadModel,
  ) {
    super(definition, { fetch: () => podsOf(past) }, true);
  }

  override async list(asked: ListOptions): Promise<ListResult> {
    const warnings = this.untold(asked);
    return { ...(await super.list(asked)), ...(warnings.length === 0 ? {} : { warnings }) };
  }

  /** What a list of this namespace leaves out. */
  private untold({ namespace, visible }: ListOptions): string[] {
    const missing: string[] = [];
    for (const kind of KINDS) {
      for (const record of this.past.state.table.ordered(kind, namespace)) {
        for (const share of record.workload?.shares ?? []) {
          const untold = untoldPods(share);
          if (untold > 0) missing.push(`${String(untold)} of ${kind.toLowerCase()} ${record.name} in ${share.cluster}`);
        }
      }
    }
    if (missing.length === 0) return [];
    // Who does not see all pods is not told whose the others are.
    if (visible !== undefined) return [`there may have been pods that are not named in the log; ${COUNTED}`];
    const named = missing.slice(0, MOST_NAMED).join(', ');
    const more = missing.length > MOST_NAMED ? ` and those of ${String(missing.length - MOST_NAMED)} more` : '';
    return [`pods that were there and are not named in the log: ${named}${more}; ${COUNTED}`];
  }
}

/** Whether an agent had named this pod, as its cluster calls it, when it last reported a share by then. */
export function isNamedIn(
  { state }: ReadModel,
  { cluster, namespace, pod }: { cluster: string; namespace: string; pod: string },
): boolean {
  for (const kind of KINDS) {
    for (const record of state.table.ordered(kind, namespace)) {
      const share = record.workload?.shares.find((each) => each.cluster === cluster);
      if (share?.observed?.pods?.some(({ name }) => name === pod) === true) return true;
    }
  }
  return false;
}

/** Unfinished pods that were counted and not named. */
function untoldPods({ observed }: WorkloadRecord['shares'][number]): number {
  if (observed === undefined) return 0;
  return observed.pods === undefined ? observed.running : (observed.morePods ?? 0);
}

async function podsOf(model: ReadModel): Promise<KubeObject[]> {
  const basis = model.basis();
  const clusters = new Map(
    [...model.state.table.ordered('Cluster')].map((record) => {
      const { status } = apiObject(record, basis) as unknown as { status: ClusterStatus };
      return [record.name, status] as const;
    }),
  );
  const pods: KubeObject[] = [];
  let seen = 0;
  for (const kind of KINDS) {
    for (const record of model.state.table.ordered(kind)) {
      seen += 1;
      if (seen % WORKLOADS_PER_TURN === 0) await nextTurn();
      for (const { cluster, observed } of record.workload?.shares ?? []) {
        for (const pod of observed?.pods ?? []) {
          const template = observed?.generation === record.generation ? templateOf(record) : {};
          pods.push(asSeen(pastPod(pod, { record, cluster, template }), clusters.get(cluster)));
        }
      }
    }
  }
  return pods;
}

interface Template {
  metadata?: { labels?: Record<string, string> };
}

const templateOf = ({ body }: ObjectRecord): Template =>
  (JSON.parse(body) as { spec?: { template?: Template } }).spec?.template ?? {};

/** @param template that it is made from, where that is known: of labels alone, for nothing else says what a pod that is updated has */
function pastPod(
  { name, node, phase, reason, created, containers }: ObservedPod,
  { record, cluster, template }: { record: ObjectRecord; cluster: string; template: Template },
): KubeObject {
  const labels = {
    ...template.metadata?.labels,
    [LABEL_WORKLOAD_UID]: record.uid,
    [LABEL_WORKLOAD_NAME]: record.name,
    [LABEL_WORKLOAD_KIND]: record.kind,
    [LABEL_CLUSTER]: cluster,
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: podName(name, cluster),
      namespace: record.namespace,
      labels,
      ...(created === undefined ? {} : { creationTimestamp: created }),
    },
    spec: {
      containers: containers.map((container) => ({ name: container.name })),
      ...(node === undefined ? {} : { nodeName: nodeName(node, cluster) }),
    },
    status: {
      phase,
      ...(reason === undefined ? {} : { reason }),
      containerStatuses: containers.map((container) => ({ name: container.name, ready: container.ready })),
    },
  };
}

/** Of a cluster that was not seen then, nobody knew what its pods did. */
function asSeen(pod: KubeObject, cluster: ClusterStatus | undefined): KubeObject {
  if (cluster === undefined || cluster.phase === 'READY') return pod;
  const message = cluster.message ?? `the cluster was ${cluster.phase}`;
  return { ...pod, status: { phase: 'Unknown', reason: 'ClusterUnreachable', message, containerStatuses: [] } };
}
