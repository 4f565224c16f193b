/** What replicas cost on clusters that have prices, and how long a workload would rather wait than pay. */
import type { ResourceList } from '@skyflow/contracts';
import type { Shape } from '../shape.js';
import type { ClusterRecord, WorkloadRecord } from '../state.js';

const GIB = 1024 ** 3;
const MS_PER_SECOND = 1_000;

/** Amount in the unit that people count in: cores, GiB, pieces. */
const units = (resource: string, amount: number): number =>
  resource === 'cpu' ? amount / 1_000 : isBytes(resource) ? amount / GIB : amount;

const isBytes = (resource: string): boolean =>
  resource === 'memory' || resource === 'ephemeral-storage' || resource.startsWith('hugepages-');

/** What one replica costs there for an hour; 0 on a cluster without prices. */
export function hourlyCost({ prices }: Pick<ClusterRecord, 'prices'>, requests: ResourceList): number {
  if (prices === undefined) return 0;
  let cost = 0;
  for (const [resource, price] of Object.entries(prices)) cost += price * units(resource, requests[resource] ?? 0);
  return cost;
}

/**
 * How long a workload waits for a cluster that costs nothing before it goes to one that does, in milliseconds (the waiting
 * policies of Starburst, USENIX ATC '24). 0 for one that says nothing of it.
 */
export function waitMs(
  { wait, runSeconds }: WorkloadRecord['terms'],
  { requests }: Pick<Shape, 'requests'>,
  replicas: number,
): number {
  if (wait === undefined) return 0;
  const count = units(wait.resource, requests[wait.resource] ?? 0) * replicas;
  const seconds = {
    Constant: wait.seconds,
    RunTime: wait.factor * runSeconds,
    Resource: wait.seconds * count,
    Compute: wait.factor * runSeconds * count,
  }[wait.policy];
  return Math.round(Math.min(seconds, wait.maxSeconds) * MS_PER_SECOND);
}

/** From when on it may cost something, ms since the epoch. One that says nothing of waiting asks no clock. */
export const payFromMs = ({ createdAtMs, terms, shape, replicas }: WorkloadRecord): number =>
  terms.wait === undefined ? 0 : createdAtMs + waitMs(terms, shape, replicas);
