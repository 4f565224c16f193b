/** Amounts of resources in the seed's words: `cpus: 1.93/2.0`, `memory: 6035.7/7954.7 MiB`, `gpus: 2`. */
import type { PodTemplate, ResourceList } from '@skyflow/contracts';
import { InvalidQuantityError, podRequests } from '@skyflow/domain';

const MEBIBYTE = 2 ** 20;
const GPU = 'nvidia.com/gpu';

/** Free and total of a cluster, a line each; zero totals are left out. `{}` if there is nothing, as in the seed. */
export function capacityLines(free: Record<string, number>, total: Record<string, number>): string[] {
  const lines: string[] = [];
  const cpus = total.cpu ?? 0;
  if (cpus > 0) lines.push(`cpus: ${decimals((free.cpu ?? 0) / 1_000, 2)}/${decimals(cpus / 1_000, 2)}`);
  const memory = total.memory ?? 0;
  if (memory > 0) {
    lines.push(`memory: ${decimals((free.memory ?? 0) / MEBIBYTE, 1)}/${decimals(memory / MEBIBYTE, 1)} MiB`);
  }
  for (const [resource, amount] of Object.entries(total)) {
    if (amount > 0 && isDevice(resource)) lines.push(`${wordFor(resource)}: ${free[resource] ?? 0}/${amount}`);
  }
  return lines.length > 0 ? lines : ['{}'];
}

/** What one replica asks for, in one line. */
export const requestLine = (template: PodTemplate | undefined): string => amountsLine(requestsOf(template));

/** Amounts in one line. */
export function amountsLine(requests: ResourceList): string {
  const parts: string[] = [];
  if (requests.cpu) parts.push(`cpus: ${decimals(requests.cpu / 1_000, 2)}`);
  if (requests.memory) parts.push(`memory: ${decimals(requests.memory / MEBIBYTE, 1)} MiB`);
  for (const [resource, amount] of Object.entries(requests)) {
    if (isDevice(resource)) parts.push(`${wordFor(resource)}: ${amount}`);
  }
  return parts.length > 0 ? parts.join(', ') : '{}';
}

function requestsOf(template: PodTemplate | undefined): ResourceList {
  if (template === undefined) return {};
  try {
    return podRequests(template.spec);
  } catch (error) {
    // A list is shown even if one object in it has an amount that this version cannot read.
    if (error instanceof InvalidQuantityError) return {};
    throw error;
  }
}

/** At least one place after the point, at most as many as asked for: 2 → `2.0`, 1.93 → `1.93`. */
export function decimals(value: number, places: number): string {
  const text = value.toFixed(places);
  return places > 1 ? text.replace(/(\.\d+?)0+$/, '$1') : text;
}

const isDevice = (resource: string): boolean => resource.includes('/') && !resource.startsWith('hugepages');
const wordFor = (resource: string): string => (resource === GPU ? 'gpus' : resource);
