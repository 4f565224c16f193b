/** `skyctl get`: lists and objects in any form, once or as they change. */
import type { CommandHandler, Invocation } from '../../cli/command-spec.js';
import { CliError, renderError, usageError } from '../../cli/cli-error.js';
import { EXIT, exitCodeOfAll } from '../../cli/exit-codes.js';
import type { ExitCode } from '../../cli/exit-codes.js';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import { getItem, listObjects } from '../../gateway/listing.js';
import type { Listing, Selection } from '../../gateway/listing.js';
import { targetsOf } from '../../gateway/targets.js';
import type { Target } from '../../gateway/targets.js';
import { parseFormat } from '../../output/format.js';
import type { Format } from '../../output/format.js';
import { hasOwnView } from '../../output/views.js';
import type { Session } from '../../session.js';
import { printDocuments, printTables } from './print.js';
import type { Fetched } from './print.js';

export const get: CommandHandler = async (session, call) => {
  const format = parseFormat(call.flags.text('output'));
  const gateway = await session.gateway();
  const targets = await targetsOf(call.args, gateway);
  const selection = await selectionOf(session, call);
  checkNames(targets, call);
  if (call.flags.on('watch') || call.flags.on('watch-only')) {
    if (call.flags.has('at')) throw usageError('--at and -w contradict each other', 'the past does not change');
    const { watchTargets } = await import('./get-watch.js');
    return await watchTargets(session, call, targets, selection, format);
  }

  const failures: unknown[] = [];
  const fetched: Fetched[] = [];
  for (const target of targets) {
    const listing = await fetchTarget(gateway, target, selection, format, failures);
    if (listing !== undefined) fetched.push({ target, listing });
  }
  const found = fetched.some(({ listing }) => listing.items.length > 0);
  if (found || format.type !== 'table') {
    if (found || failures.length === 0) await print(session, call, fetched, format);
  } else if (failures.length === 0) noteNothing(session, targets, selection);
  return report(session, failures);
};

/** @throws CliError unless it is about names, which are reported one by one. */
export async function fetchTarget(
  gateway: GatewayClient,
  { kind, names }: Target,
  selection: Selection,
  format: Format,
  failures: unknown[],
): Promise<Listing | undefined> {
  const asTable = format.type === 'table' && !hasOwnView(kind);
  if (names.length === 0) return await listObjects(gateway, kind, selection, asTable);
  const listings: Listing[] = [];
  for (const name of names) {
    try {
      listings.push(await getItem(gateway, kind, selection.namespace, name, asTable));
    } catch (error) {
      if (!(error instanceof CliError) || error.code !== EXIT.notFound) throw error;
      failures.push(error);
    }
  }
  const [first] = listings;
  return first && { ...first, items: listings.flatMap(({ items }) => items) };
}

export async function selectionOf(session: Session, { flags }: Invocation): Promise<Selection> {
  const all = flags.on('all-namespaces');
  if (all && flags.has('namespace')) throw usageError('-A and -n contradict each other', 'give one of them');
  const labelSelector = flags.text('selector');
  const fieldSelector = flags.text('field-selector');
  return {
    ...(all ? {} : { namespace: await session.namespace() }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
  };
}

function checkNames(targets: readonly Target[], { flags }: Invocation): void {
  if (targets.every(({ names }) => names.length === 0)) return;
  for (const flag of ['selector', 'field-selector', 'all-namespaces']) {
    if (flags.on(flag) || flags.text(flag) !== undefined) {
      throw usageError(`--${flag} cannot be combined with names`, 'leave out the names, or the flag');
    }
  }
}

async function print(session: Session, call: Invocation, fetched: readonly Fetched[], format: Format): Promise<void> {
  if (format.type === 'table') printTables(session, call, fetched, format.wide);
  else await printDocuments(session, call, fetched, format);
}

function noteNothing(session: Session, targets: readonly Target[], { namespace }: Selection): void {
  for (const { kind } of targets) {
    const where = kind.namespaced && namespace !== undefined ? ` in namespace ${namespace}` : '';
    session.terminal.note(`No ${kind.plural} found${where}.`);
  }
}

function report(session: Session, failures: readonly unknown[]): ExitCode {
  for (const failure of failures) session.terminal.note(renderError(failure, session.debug));
  return exitCodeOfAll(failures.map((failure) => (failure instanceof CliError ? failure.code : EXIT.failure)));
}
