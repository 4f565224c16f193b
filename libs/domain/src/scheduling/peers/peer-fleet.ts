/** For tests: clusters of one node each, and where a job on them goes. */
import type { ClusterTaint, WorkloadPlacement } from '@skyflow/contracts';
import { History, type WorkloadOptions, node, workload } from '../testing/history.js';

/** CPUs of one cluster, or those and what else it is. */
export interface Member {
  cpus: number;
  labels?: Record<string, string>;
  taints?: ClusterTaint[];
  /** Fields of its spec: provider, region, zone. */
  spec?: Record<string, unknown>;
}

export function fleet(members: Record<string, number | Member>): History {
  const history = new History();
  history.startEpoch();
  for (const [name, member] of Object.entries(members)) {
    const { cpus, labels = {}, taints, spec = {} } = typeof member === 'number' ? { cpus: member } : member;
    const more = { ...spec, ...(taints !== undefined && { taints }) };
    history.cluster(name, [node(`${name}-1`, { cpu: 1_000 * cpus, pods: 1_000 })], labels, more);
  }
  return history;
}

/** The cluster has so many CPUs from now on. */
export const resize = (history: History, cluster: string, cpus: number): void =>
  history.observe(cluster, [node(`${cluster}-1`, { cpu: 1_000 * cpus, pods: 1_000 })]);

/** Replicas by cluster of a job of one CPU each. */
export function placed(history: History, replicas: number, placement: WorkloadPlacement): Record<string, number> {
  return apply(history, { replicas, placement });
}

/** The same job, changed: replicas by cluster after everything came to rest. */
export function apply(history: History, options: WorkloadOptions, name = 'job'): Record<string, number> {
  const before = history.state.workloads.get(`uid-${name}`);
  const job = workload(name, { requests: { cpu: '1' }, ...options, generation: (before?.generation ?? 0) + 1 });
  if (before === undefined) history.create(job);
  else history.update(job);
  rest(history);
  return history.placed(job);
}

/** Rounds, and agents that do what they are told, until nothing is left to do. */
export function rest(history: History): void {
  for (let turn = 0; turn < 10; turn++) {
    const length = history.log.length;
    history.schedule();
    for (const record of [...history.state.workloads.values()])
      for (const share of [...record.shares])
        if (share.work === 'withdrawing') history.removed(share.cluster, record.ref);
    if (history.log.length === length) return;
  }
  throw new Error('it does not come to rest');
}
