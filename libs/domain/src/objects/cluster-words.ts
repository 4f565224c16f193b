/** How a cluster is, in the words that kubectl has for nodes: `READY`, `READY,SchedulingDisabled`. */
import type { Cluster } from '@skyflow/contracts';

export function clusterWords({ metadata, spec, status }: Pick<Cluster, 'metadata' | 'spec' | 'status'>): string {
  const phase = metadata.deletionTimestamp === undefined ? (status?.phase ?? 'INIT') : 'DELETING';
  return (spec as Partial<Cluster['spec']> | undefined)?.unschedulable === true ? `${phase},SchedulingDisabled` : phase;
}
