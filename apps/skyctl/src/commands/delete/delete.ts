/** `skyctl delete`: asks for the deletion of each object, then waits until they are gone everywhere. */
import { CliError, renderError, usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT, exitCodeOfAll } from '../../cli/exit-codes.js';
import type { ExitCode } from '../../cli/exit-codes.js';
import type { Flags } from '../../cli/flags.js';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import { objectPath, qualifiedName } from '../../gateway/kinds.js';
import type { Session } from '../../session.js';
import { dryRunSuffix } from '../create/submit.js';
import { doomedOf } from './doomed.js';
import type { Doomed } from './doomed.js';
import { waitUntilGone } from './wait-until-gone.js';

const DEFAULT_WAIT_MS = 30_000;

export const deleteObjects: CommandHandler = async (session, call) => {
  const { flags } = call;
  const gateway = await session.gateway();
  const dryRun = flags.text('dry-run') ?? 'none';
  const output = flags.text('output');
  const all = await doomedOf(session, call);
  if (flags.on('interactive') && dryRun === 'none' && !(await isMeant(session, all))) {
    session.terminal.note('nothing was deleted');
    return EXIT.ok;
  }
  const codes: ExitCode[] = [];
  const asked: Doomed[] = [];
  for (const doomed of all) {
    const label = `${qualifiedName(doomed.kind)}/${doomed.name}`;
    try {
      if (dryRun !== 'client') await deleteOne(gateway, doomed, flags, dryRun);
      session.terminal.line(output === 'name' ? label : `${label} deleted${dryRunSuffix(dryRun)}`);
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

/** `--cascade` as the API has it; `true` and `false` as old kubectl. */
const PROPAGATION: Readonly<Record<string, string>> = {
  background: 'Background',
  true: 'Background',
  foreground: 'Foreground',
  orphan: 'Orphan',
  false: 'Orphan',
};

function graceOf(flags: Flags): { gracePeriodSeconds?: number } {
  if (flags.on('force')) return { gracePeriodSeconds: 0 };
  const seconds = flags.wholeNumber('grace-period', -1);
  if (flags.on('now')) {
    if (seconds !== undefined && seconds >= 0) throw usageError('--now and --grace-period exclude each other');
    return { gracePeriodSeconds: 1 };
  }
  // Kubernetes' own word for "as it is set".
  return seconds === undefined || seconds < 0 ? {} : { gracePeriodSeconds: seconds };
}

async function isMeant({ terminal }: Session, doomed: readonly Doomed[]): Promise<boolean> {
  if (!process.stdin.isTTY) throw usageError('--interactive asks on a terminal, and there is none', 'leave it out');
  for (const { kind, namespace, name } of doomed) {
    terminal.note(`${qualifiedName(kind)}/${name}${namespace === undefined ? '' : ` in namespace ${namespace}`}`);
  }
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin, output: terminal.stderr as NodeJS.WriteStream });
  try {
    return /^y(es)?$/i.test((await lines.question('Delete these? [y/N] ')).trim());
  } finally {
    lines.close();
  }
}

async function deleteOne(gateway: GatewayClient, doomed: Doomed, flags: Flags, dryRun: string): Promise<void> {
  await gateway.json({
    method: 'DELETE',
    path: objectPath(doomed.kind, doomed.namespace, doomed.name),
    query: { dryRun: dryRun === 'server' ? 'All' : undefined },
    body: {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      propagationPolicy: PROPAGATION[flags.text('cascade') ?? 'background'],
      ...graceOf(flags),
    },
  });
}
