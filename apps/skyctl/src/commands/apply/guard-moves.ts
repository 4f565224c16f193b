/**
 * Before policies and clusters are changed: what that would move, asked from the server, said on stderr. More than it lets pass without a
 * word needs --force. Workloads are not guarded: what becomes of one is what its file says.
 */
import type { ApiObject } from '@skyflow/contracts';
import { CliError } from '../../cli/cli-error.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { Flags } from '../../cli/flags.js';
import type { ResourceKind } from '../../gateway/kinds.js';
import type { Session } from '../../session.js';
import { askForPreview, renderPreview } from '../cluster/move-preview.js';
import type { PlannedObject } from './plan.js';

const GUARDED = ['PlacementPolicy', 'Cluster'];

/**
 * @param dryRun the object as it would be stored.
 * @throws CliError when too much would move; nothing has been changed then.
 */
export async function guardMoves(
  session: Session,
  planned: readonly PlannedObject[],
  flags: Flags,
  dryRun: (item: PlannedObject) => Promise<ApiObject>,
): Promise<void> {
  const guarded = planned.filter(({ kind }) => kind.group === 'skyflow.io' && GUARDED.includes(kind.kind));
  if (guarded.length === 0) return;
  const objects: ApiObject[] = [];
  // What is refused is said, with its place, when it is applied.
  for (const item of guarded) {
    const object = await dryRun(item).catch((error: unknown) => {
      if (error instanceof CliError && error.code !== EXIT.unavailable) return undefined;
      throw error;
    });
    if (object !== undefined) objects.push(object);
  }
  await guardObjects(session, objects, flags, 'applied');
}

/** Of commands that change one object at a time: policies, whoever writes them, decide on many workloads. */
export async function guardPolicy(
  session: Session,
  { group, kind }: ResourceKind,
  flags: Flags,
  dryRun: () => Promise<ApiObject>,
): Promise<void> {
  if (group !== 'skyflow.io' || kind !== 'PlacementPolicy') return;
  await guardObjects(session, [await dryRun()], flags, 'changed');
}

async function guardObjects(
  session: Session,
  objects: readonly ApiObject[],
  flags: Flags,
  done: 'applied' | 'changed',
): Promise<void> {
  const gateway = await session.gateway();
  const preview = await askForPreview(gateway, { objects });
  if (preview.workloads > 0) session.terminal.note(renderPreview(preview));
  if (flags.on('force')) gateway.allowMoves();
  if (preview.objection === undefined || flags.on('force')) return;
  throw new CliError({
    code: EXIT.refused,
    summary: `nothing was ${done}: ${preview.objection}`,
    hint: 'add --force to do it all the same',
  });
}
