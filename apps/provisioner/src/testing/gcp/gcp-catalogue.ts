/** A few of the types of Compute Engine, as machineTypes.list tells of them. */
import type { compute_v1 } from '@googleapis/compute/build/v1.js';

type MachineType = compute_v1.Schema$MachineType;

const GIB_PER_CPU: Readonly<Record<string, number>> = { standard: 4, highmem: 8, highcpu: 1 };

const family = (name: string, classes: readonly string[]): MachineType[] =>
  classes.flatMap((kind) =>
    [2, 4, 8, 16].map((cpus) => ({
      name: `${name}-${kind}-${String(cpus)}`,
      guestCpus: cpus,
      memoryMb: cpus * (GIB_PER_CPU[kind] ?? 4) * 1024,
      isSharedCpu: false,
      architecture: 'X86_64',
    })),
  );

export const CATALOGUE: readonly MachineType[] = [
  ...family('e2', ['standard', 'highmem']),
  ...family('n1', ['standard']).map((type) => ({ ...type, memoryMb: (type.guestCpus ?? 0) * 3.75 * 1024 })),
  ...family('n2', ['standard', 'highmem', 'highcpu']),
  ...family('n2d', ['standard']),
  ...family('t2a', ['standard']).map((type) => ({ ...type, architecture: 'ARM64' })),
  // New, so that no price is known of it.
  ...family('z9', ['standard']),
  { name: 'e2-medium', guestCpus: 64, memoryMb: 256 * 1024, isSharedCpu: true, architecture: 'X86_64' },
  {
    ...{ name: 'g2-standard-8', guestCpus: 8, memoryMb: 32 * 1024, isSharedCpu: false, architecture: 'X86_64' },
    accelerators: [{ guestAcceleratorType: 'nvidia-l4', guestAcceleratorCount: 1 }],
  },
];

export const ZONES: readonly string[] = [
  ...['b', 'c', 'd'].map((letter) => `europe-west1-${letter}`),
  ...['a', 'b'].map((letter) => `us-central1-${letter}`),
];

/** Newer families are not everywhere. */
export const isOffered = ({ name }: MachineType, zone: string): boolean =>
  !(name?.startsWith('n2d-') === true && zone.endsWith('d'));

/** To be put into machines: only in zone b. */
export const acceleratorsIn = (zone: string): compute_v1.Schema$AcceleratorType[] =>
  zone.endsWith('b')
    ? [
        { name: 'nvidia-tesla-t4', maximumCardsPerInstance: 4 },
        { name: 'nvidia-tesla-t4-vws', maximumCardsPerInstance: 4 },
      ]
    : [];
