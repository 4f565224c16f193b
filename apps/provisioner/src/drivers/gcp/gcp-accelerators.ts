/** Accelerators as Compute Engine has them: built into some types of machines, put into those of the family n1. */
import type { ProvisionCloud } from '@skyflow/contracts';
import { acceleratorNamed } from '@skyflow/domain';
import type { compute_v1 } from '@googleapis/compute/build/v1.js';

export interface GcpAccelerator {
  /** `nvidia-tesla-t4`. */
  name: string;
  count: number;
}

/** What is asked for, as `T4:1`; undefined: nothing. */
export function wantedAccelerator({ accelerators }: Pick<ProvisionCloud, 'accelerators'>): GcpAccelerator | undefined {
  if (accelerators === undefined) return undefined;
  const [name = '', count = '1'] = accelerators.split(':');
  return { name, count: Number(count) };
}

/** Whatever the two call it. */
export const isSameType = (wanted: string, google: string): boolean =>
  wanted.toLowerCase() === google.toLowerCase() ||
  (acceleratorNamed(wanted) !== undefined && acceleratorNamed(wanted) === acceleratorNamed(google));

export function builtIn({ accelerators }: compute_v1.Schema$MachineType): GcpAccelerator | undefined {
  const [first] = accelerators ?? [];
  return first === undefined
    ? undefined
    : { name: first.guestAcceleratorType ?? '', count: first.guestAcceleratorCount ?? 1 };
}

/** What Google calls that which is asked for, and is put into machines. */
export const googleName = ({ name }: GcpAccelerator): string =>
  acceleratorNamed(name)?.providers.find((each) => each.startsWith('nvidia-')) ?? name.toLowerCase();

/** Only machines of this family take accelerators. */
export const takesAccelerators = (type: string): boolean => type.startsWith('n1-');

/** For people: `T4:1`. */
export const acceleratorWords = ({ name, count }: GcpAccelerator): string =>
  `${acceleratorNamed(name)?.name ?? name}:${String(count)}`;
