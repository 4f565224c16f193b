/** Amounts of resources as people read them. Base units: cpu in millicores, memory and storage in bytes, everything else in pieces. */
import { humanBytes } from '@skyflow/domain';

const WORDS: Readonly<Record<string, string>> = {
  cpu: 'CPU',
  memory: 'Memory',
  'ephemeral-storage': 'Disk',
  pods: 'Pods',
  'nvidia.com/gpu': 'GPU',
};
const ORDER = ['cpu', 'memory', 'nvidia.com/gpu', 'ephemeral-storage', 'pods'];

export const resourceWord = (resource: string): string => WORDS[resource] ?? resource;

export function amountText(resource: string, amount: number): string {
  if (resource === 'cpu') return String(Math.round(amount / 10) / 100);
  const isBytes = resource === 'memory' || resource === 'ephemeral-storage' || resource.startsWith('hugepages-');
  return isBytes ? humanBytes(amount) : String(amount);
}

export interface Amount {
  resource: string;
  used: number;
  total: number;
}

/** What is there and what of it is taken, the well-known resources first; what there is nothing of is left out. */
export function amountsOf(allocatable: Record<string, number>, free: Record<string, number>): Amount[] {
  return Object.entries(allocatable)
    .filter(([, total]) => total > 0)
    .map(([resource, total]) => ({ resource, total, used: Math.max(0, total - (free[resource] ?? 0)) }))
    .sort((one, other) => rank(one.resource) - rank(other.resource) || one.resource.localeCompare(other.resource));
}

const rank = (resource: string): number => (ORDER.includes(resource) ? ORDER.indexOf(resource) : ORDER.length);
