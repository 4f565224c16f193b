/** Entries of the provisioner, and the check that it may still write them. */
import { type RawEntry, entryVersion } from '@skyflow/contracts';
import type { OrphanDraft, ProvisioningDraft, ProvisioningState } from '@skyflow/domain';
import type { DeciderParts } from '@skyflow/service';
import { activeTrace } from '@skyflow/telemetry';
import { uuidv7 } from 'uuidv7';

const ACTOR = 'system:provisioner';

export class NewerEpochError extends Error {
  override readonly name = 'NewerEpochError';
}

/** @throws NewerEpochError when another provisioner has begun. */
function checkEpoch({ epochs }: ProvisioningState, epoch: number): void {
  const { provisioner } = epochs;
  if (provisioner <= epoch) return;
  throw new NewerEpochError(`epoch ${String(provisioner)} has started, this one is ${String(epoch)}`);
}

const entryOf = ({ type, data }: { type: string; data: object }, at: number, trace: string | undefined): RawEntry => ({
  type,
  v: entryVersion(type),
  at,
  actor: ACTOR,
  corr: uuidv7(),
  ...(trace === undefined ? {} : { trace }),
  data,
});

/** Where entries go, and under which lease. */
export interface OwnLog extends Pick<DeciderParts<ProvisioningState>, 'projection' | 'writer'> {
  epoch: number;
}

/** Resolves when what is decided is in the log and folded; it belongs to the active trace. @throws NewerEpochError */
export async function appendDecided(
  { projection, writer, epoch }: OwnLog,
  decide: (state: ProvisioningState, nowMs: number) => readonly (OrphanDraft | ProvisioningDraft)[],
): Promise<void> {
  const trace = activeTrace();
  const outcome = await writer.submit(() => {
    checkEpoch(projection.state, epoch);
    const nowMs = Date.now();
    const drafts = decide(projection.state, nowMs);
    return { entries: drafts.map((draft) => entryOf(draft, nowMs, trace)), result: drafts.length };
  });
  if (outcome.ok && outcome.result > 0) await projection.waitFor(outcome.seq);
}
