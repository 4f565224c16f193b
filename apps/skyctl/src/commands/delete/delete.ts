/** `skyctl delete`: asks for the deletion of each object, then waits until they are gone everywhere. */
import { CliError, renderError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT, exitCodeOfAll } from '../../cli/exit-codes.js';
import type { ExitCode } from '../../cli/exit-codes.js';
import type { Flags } from '../../cli/flags.js';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import { objectPath, qualifiedName } from '../../gateway/kinds.js';
import { dryRunSuffix } from '../create/submit.js';
import { doomedOf } from './doomed.js';
import type { Doomed } from './doomed.js';
import { waitUntilGone } from './wait-until-gone.js';

const DEFAULT_WAIT_MS = 30_000;

export const deleteObjects: CommandHandler = async (session, call) => {
  const { flags } = call;
  const gateway = await session.gateway();
  const dryRun = flags.text('dry-run') ?? 'none';
  const codes: ExitCode[] = [];
  const asked: Doomed[] = [];
  for (const doomed of await doomedOf(session, call)) {
    const label = `${qualifiedName(doomed.kind)}/${doomed.name}`;
    try {
      if (dryRun !== 'client') await deleteOne(gateway, doomed, flags, dryRun);
      session.terminal.line(`${label} deleted${dryRunSuffix(dryRun)}`);
      asked.push(doomed);
    } catch (error) {
      if (!(error instanceof CliError) || error.code === EXIT.unavailable) throw error;
      if (error.code === EXIT.notFound && flags.on('ignore-not-found')) continue;
      session.terminal.note(renderError(error, session.debug));
      codes.push(error.code);
    }
  }
  const wait = !flags.has('wait') || flags.on('wait');
  if (wait && dryRun === 'none' && asked.length > 0) {
    const timeoutMs = flags.durationMs('timeout');
    const gone = await waitUntilGone(session, asked, timeoutMs ?? DEFAULT_WAIT_MS);
    if (!gone && (timeoutMs !== undefined || flags.has('wait'))) codes.push(EXIT.timeout);
  }
  return exitCodeOfAll(codes);
};

async function deleteOne(gateway: GatewayClient, doomed: Doomed, flags: Flags, dryRun: string): Promise<void> {
  await gateway.json({
    method: 'DELETE',
    path: objectPath(doomed.kind, doomed.namespace, doomed.name),
    query: { dryRun: dryRun === 'server' ? 'All' : undefined },
    body: {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      propagationPolicy: 'Background',
      ...(flags.on('force') ? { gracePeriodSeconds: 0 } : {}),
    },
  });
}
