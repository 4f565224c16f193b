/** The row that adds up the members, as the seed's "Merged-Cluster": the READY ones together; READY if any of them is. */
import type { Cluster } from '@skyflow/contracts';

const SUPER_CLUSTER = 'Merged-Cluster';

export function superCluster(members: readonly Cluster[]): Cluster {
  const ready = members.filter(({ status }) => status?.phase === 'READY');
  const sum = (lists: readonly (Record<string, number> | undefined)[]): Record<string, number> => {
    const totals: Record<string, number> = {};
    for (const list of lists) {
      for (const [resource, amount] of Object.entries(list ?? {})) totals[resource] = (totals[resource] ?? 0) + amount;
    }
    return totals;
  };
  const oldest = members.map(({ metadata }) => metadata.creationTimestamp).sort()[0] ?? '';
  return {
    apiVersion: 'skyflow.io/v1',
    kind: 'Cluster',
    metadata: { name: SUPER_CLUSTER, uid: '', resourceVersion: '', creationTimestamp: oldest },
    spec: { manager: 'k8' },
    status: {
      phase: ready.length > 0 ? 'READY' : 'LOST',
      free: sum(ready.map(({ status }) => status?.free)),
      allocatable: sum(ready.map(({ status }) => status?.allocatable)),
      nodes: members.flatMap(({ status }) => status?.nodes ?? []),
      conditions: [],
    },
  };
}
