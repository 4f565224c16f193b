/**
 * What the workloads of each namespace ask for, kept current by the fold, so that admission and the status of a quota need not look at
 * all of them.
 */
import type { ResourceList } from '@skyflow/contracts';
import type { ObjectRecord, WorkloadFacts, WorkloadRecord } from '../object-record.js';

export interface Usage {
  pods: number;
  /** Base units. */
  readonly requests: ResourceList;
  readonly limits: ResourceList;
}

const NOTHING: Readonly<Usage> = { pods: 0, requests: {}, limits: {} };

export class UsageBook {
  private readonly namespaces = new Map<string, Usage>();

  /** Adds (or takes away) a workload. `held`: replicas that it has on clusters. */
  count(record: ObjectRecord, held: number, sign: 1 | -1): void {
    const pods = chargedPods(record, held) * sign;
    if (pods === 0 || record.workload === undefined) return;
    let usage = this.namespaces.get(record.namespace);
    if (usage === undefined) {
      this.namespaces.set(record.namespace, (usage = { pods: 0, requests: {}, limits: {} }));
    }
    usage.pods += pods;
    addTo(usage.requests, record.workload.facts.requests, pods);
    addTo(usage.limits, record.workload.facts.limits, pods);
  }

  of(namespace: string): Readonly<Usage> {
    return this.namespaces.get(namespace) ?? NOTHING;
  }
}

/**
 * Pods that count: those asked for, or those that there are where that is more (duplicated, moving, going). None of a job that has ended,
 * as in Kubernetes.
 */
export function chargedPods({ workload, deletedAt }: ObjectRecord, held: number): number {
  if (workload === undefined || hasEnded(workload)) return 0;
  return deletedAt > 0 ? held : Math.max(wantedPods(workload.facts), held);
}

/** A job that has ended counts nothing, and cannot begin again. */
export const hasEnded = ({ facts, phase }: WorkloadRecord): boolean =>
  facts.native === 'Job' && (phase === 'COMPLETED' || phase === 'FAILED');

/** At the same time. */
export const wantedPods = ({ native, replicas, completions }: WorkloadFacts): number =>
  native === 'Job' && completions !== undefined ? Math.min(replicas, completions) : replicas;

function addTo(sums: ResourceList, amounts: ResourceList, pods: number): void {
  for (const resource of Object.keys(amounts)) {
    sums[resource] = (sums[resource] ?? 0) + (amounts[resource] ?? 0) * pods;
  }
}
