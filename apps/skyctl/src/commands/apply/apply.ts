/** `skyctl apply`: server-side apply of each document, in the order given; every refusal is told with its place. */
import type { ApiObject } from '@skyflow/contracts';
import { CliError, renderError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT, exitCodeOfAll } from '../../cli/exit-codes.js';
import type { ExitCode } from '../../cli/exit-codes.js';
import type { Flags } from '../../cli/flags.js';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import { dryRunSuffix, printResult } from '../create/submit.js';
import { applyOne, wholeObject } from './apply-one.js';
import type { Applied } from './apply-one.js';
import { guardMoves } from './guard-moves.js';
import { planOf } from './plan.js';
import type { PlannedObject } from './plan.js';
import { checkPruneFlags, prune } from './prune.js';

export const apply: CommandHandler = async (session, call) => {
  checkPruneFlags(call.flags);
  const planned = await planOf(session, call);
  const gateway = await session.gateway();
  const { flags } = call;
  const dryRun = flags.text('dry-run') ?? 'none';
  if (dryRun !== 'client') {
    await guardMoves(session, planned, flags, async (item) => (await applied(gateway, item, flags, 'server')).object);
  }
  const codes: ExitCode[] = [];
  for (const item of planned) {
    try {
      const { object, what } = await applied(gateway, item, flags, dryRun);
      await printResult(session, flags.text('output'), item.kind, object, what + dryRunSuffix(dryRun));
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      // Without a server the rest would fail the same way.
      if (error.code === EXIT.unavailable) throw error;
      session.terminal.note(renderError(withPlace(error, item, planned.length), session.debug));
      codes.push(error.code);
    }
  }
  if (flags.on('prune')) {
    if (codes.length === 0) await prune(session, planned, flags, dryRun);
    else session.terminal.note('nothing was pruned: not everything could be applied');
  }
  return exitCodeOfAll(codes);
};

async function applied(
  gateway: GatewayClient,
  item: PlannedObject,
  flags: Flags,
  dryRun: string,
): Promise<{ object: ApiObject; what: Applied['what'] | 'applied' }> {
  if (dryRun === 'client') return { object: wholeObject(item), what: 'applied' };
  return await applyOne(gateway, item, {
    fieldManager: flags.text('field-manager'),
    force: flags.on('force-conflicts'),
    dryRun: dryRun === 'server',
  });
}

function withPlace(error: CliError, { where }: PlannedObject, documents: number): CliError {
  const { code, causes, message } = error;
  const conflict = causes.some((cause) => /conflict/i.test(cause)) || /^Apply failed/i.test(message);
  const hint = conflict ? 'take these fields over with --force-conflicts, or leave them out of the file' : error.hint;
  return new CliError({
    code,
    summary: documents > 1 ? `${where}: ${message}` : message,
    causes,
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  });
}
