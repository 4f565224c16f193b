/** Queues below their parents, and what each uses of its quotas. */
import type { Queue } from '@skyflow/contracts';
import { parseAmount } from '@skyflow/domain';

export interface QueueInTree {
  queue: Queue;
  /** 0: no parent. */
  depth: number;
}

/** Parents before their children, siblings by name. A parent that is not there, or is its own descendant, is as none. */
export function queueTree(queues: readonly Queue[]): QueueInTree[] {
  const byName = new Map(queues.map((queue) => [queue.metadata.name, queue]));
  const children = new Map<string, Queue[]>();
  for (const queue of queues) {
    const { parent } = queue.spec;
    const known = parent !== undefined && byName.has(parent) && !isBelow(byName, parent, queue.metadata.name);
    const key = known ? parent : '';
    children.set(key, [...(children.get(key) ?? []), queue]);
  }
  const under = (name: string, depth: number): QueueInTree[] =>
    (children.get(name) ?? [])
      .toSorted((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1))
      .flatMap((queue) => [{ queue, depth }, ...under(queue.metadata.name, depth + 1)]);
  return under('', 0);
}

function isBelow(byName: ReadonlyMap<string, Queue>, name: string, ancestor: string): boolean {
  const seen = new Set<string>();
  for (let at: string | undefined = name; at !== undefined && !seen.has(at); at = byName.get(at)?.spec.parent) {
    if (at === ancestor) return true;
    seen.add(at);
  }
  return false;
}

export interface QuotaUse {
  resource: string;
  /** Base units. Undefined: no quota of this resource. */
  nominal: number | undefined;
  /** Most with what is borrowed. Undefined: as much as others lend. */
  most: number | undefined;
  used: number;
  borrowed: number;
}

export function quotaUses({ spec, status }: Pick<Queue, 'spec' | 'status'>): QuotaUse[] {
  const quotas = new Map((spec.quotas ?? []).map((quota) => [quota.resource, quota]));
  const used = Object.entries(status?.used ?? {}).filter(([resource, amount]) => amount > 0 && resource !== 'pods');
  const resources = new Set([...quotas.keys(), ...used.map(([resource]) => resource)]);
  return [...resources].map((resource) => {
    const quota = quotas.get(resource);
    const nominal = quota && parseAmount(resource, quota.nominal);
    const limit = quota?.borrowingLimit;
    return {
      resource,
      nominal,
      most: nominal === undefined || limit === undefined ? undefined : nominal + parseAmount(resource, limit),
      used: status?.used[resource] ?? 0,
      borrowed: status?.borrowed[resource] ?? 0,
    };
  });
}
