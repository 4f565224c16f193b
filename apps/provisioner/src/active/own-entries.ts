/** Entries of the provisioner, and the check that it may still write them. */
import { type RawEntry, entryVersion } from '@skyflow/contracts';
import type { ProvisioningState } from '@skyflow/domain';
import { uuidv7 } from 'uuidv7';

const ACTOR = 'system:provisioner';

export class NewerEpochError extends Error {
  override readonly name = 'NewerEpochError';
}

/** @throws NewerEpochError when another provisioner has begun. */
export function checkEpoch({ epochs }: ProvisioningState, epoch: number): void {
  const { provisioner } = epochs;
  if (provisioner <= epoch) return;
  throw new NewerEpochError(`epoch ${String(provisioner)} has started, this one is ${String(epoch)}`);
}

export const entryOf = ({ type, data }: { type: string; data: object }, at: number): RawEntry => ({
  type,
  v: entryVersion(type),
  at,
  actor: ACTOR,
  corr: uuidv7(),
  data,
});
