/** Pods of a workload in all clusters, from the gateway's `/pods`. */
import type { ObjectMeta } from '@skyflow/contracts';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import { objectPath } from '../../gateway/kinds.js';
import type { ResourceKind } from '../../gateway/kinds.js';
import { ageOf } from '../../output/age.js';

/** core/v1 Pod, as far as it is read here. */
interface Pod {
  metadata: { name: string; creationTimestamp?: string; labels?: Record<string, string> };
  spec?: { nodeName?: string };
  status?: {
    phase?: string;
    reason?: string;
    containerStatuses?: { restartCount: number; state?: Record<string, { reason?: string } | undefined> }[];
  };
}

interface PodsReply {
  clusters: { cluster: string; pods: Pod[]; error?: string }[];
}

export async function podRows(
  gateway: GatewayClient,
  kind: ResourceKind,
  { namespace, name }: ObjectMeta,
): Promise<string[][]> {
  const { body } = await gateway.json<PodsReply>({ path: `${objectPath(kind, namespace, name)}/pods` });
  const nowMs = Date.now();
  return body.clusters.flatMap(({ cluster, pods, error }) =>
    error === undefined ? pods.map((pod) => row(pod, cluster, nowMs)) : [['?', cluster, '-', error, '-', '-']],
  );
}

function row({ metadata, spec, status }: Pod, cluster: string, nowMs: number): string[] {
  const containers = status?.containerStatuses ?? [];
  const restarts = containers.reduce((sum, { restartCount }) => sum + restartCount, 0);
  return [
    metadata.name,
    cluster,
    spec?.nodeName ?? '-',
    waitingReason(containers) ?? status?.reason ?? status?.phase ?? 'Unknown',
    String(restarts),
    ageOf(metadata.creationTimestamp, nowMs),
  ];
}

/** `CrashLoopBackOff` says more than `Running`. */
const waitingReason = (containers: NonNullable<NonNullable<Pod['status']>['containerStatuses']>): string | undefined =>
  containers
    .map(({ state }) => state?.waiting?.reason ?? state?.terminated?.reason)
    .find((reason) => reason !== undefined);
