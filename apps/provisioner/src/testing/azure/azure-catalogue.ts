/** A few of Azure's sizes, as resourceSkus.list tells of them. */
import type { ResourceSku } from '@azure/arm-compute';

const size = (
  name: string,
  cpus: number,
  memoryGiB: number,
  more: Record<string, string> = {},
  restrictions: ResourceSku['restrictions'] = [],
): ResourceSku => ({
  ...{ resourceType: 'virtualMachines', name, restrictions },
  locationInfo: [{ zones: ['1', '2', '3'] }],
  capabilities: Object.entries({
    ...{ vCPUs: String(cpus), MemoryGB: String(memoryGiB), CpuArchitectureType: 'x64', HyperVGenerations: 'V1,V2' },
    ...{ LowPriorityCapable: 'True', ...more },
  }).map(([key, value]) => ({ name: key, value })),
});

const family = (letters: string, rest: string, gibPerCpu: number, more: Record<string, string> = {}): ResourceSku[] =>
  [2, 4, 8, 16].map((cpus) => size(`Standard_${letters}${String(cpus)}${rest}`, cpus, cpus * gibPerCpu, more));

export const CATALOGUE: readonly ResourceSku[] = [
  ...family('D', 's_v5', 4),
  ...family('D', 'as_v5', 4),
  ...family('E', 's_v5', 8),
  ...family('F', 's_v2', 2),
  ...family('D', 'ps_v5', 4, { CpuArchitectureType: 'Arm64' }),
  // New, so that no price is known of it.
  ...family('Z', 's_v9', 4),
  size('Standard_B8ms', 8, 32),
  size('Standard_D8s_v3', 8, 32, {}, [
    { type: 'Zone', reasonCode: 'NotAvailableForSubscription', restrictionInfo: { zones: ['1', '3'] } },
  ]),
  size('Standard_D8s_v4', 8, 32, {}, [{ type: 'Location', reasonCode: 'NotAvailableForSubscription' }]),
  size('Standard_NC8as_T4_v3', 8, 56, { GPUs: '1' }),
  { resourceType: 'disks', name: 'Premium_LRS' },
];

export const REGIONS: readonly string[] = ['westeurope', 'eastus'];
