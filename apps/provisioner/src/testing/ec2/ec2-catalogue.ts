/** A few of EC2's types, as DescribeInstanceTypes tells of them. */

export interface CatalogueType {
  type: string;
  cpus: number;
  memoryMiB: number;
  gpu?: { name: string; count: number };
  isBurstable?: boolean;
}

const sizes = (family: string, gibPerCpu: number): CatalogueType[] =>
  [
    ['large', 2],
    ['xlarge', 4],
    ['2xlarge', 8],
    ['4xlarge', 16],
  ].map(([size, cpus]) => ({
    type: `${family}.${String(size)}`,
    cpus: Number(cpus),
    memoryMiB: Number(cpus) * gibPerCpu * 1024,
  }));

export const CATALOGUE: readonly CatalogueType[] = [
  ...sizes('c6i', 2),
  ...sizes('m5', 4),
  ...sizes('m6a', 4),
  ...sizes('m6i', 4),
  ...sizes('r6i', 8),
  { type: 't3.2xlarge', cpus: 8, memoryMiB: 32 * 1024, isBurstable: true },
  { type: 'g4dn.xlarge', cpus: 4, memoryMiB: 16 * 1024, gpu: { name: 'T4', count: 1 } },
  { type: 'g4dn.2xlarge', cpus: 8, memoryMiB: 32 * 1024, gpu: { name: 'T4', count: 1 } },
  { type: 'g4dn.12xlarge', cpus: 48, memoryMiB: 192 * 1024, gpu: { name: 'T4', count: 4 } },
  // New, so that no price is known of it.
  ...sizes('m99', 4),
];

/** `eu-west-1` has the zones eu-west-1a, -1b and -1c. */
export const zonesOf = (region: string): string[] => ['a', 'b', 'c'].map((letter) => `${region}${letter}`);

/** Newer families are not everywhere. */
export const isOffered = (type: string, zone: string): boolean => !(type.startsWith('m6a.') && zone.endsWith('c'));

/** Deterministic; cheapest in zone b. */
export const spotPrice = (cpus: number, zone: string): number => cpus * (zone.endsWith('b') ? 0.012 : 0.016);
