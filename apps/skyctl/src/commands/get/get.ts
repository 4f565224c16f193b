/** `skyctl get`: lists and objects in any form, once or as they change. */
import { once } from 'node:events';
import type { CommandHandler, Invocation } from '../../cli/command-spec.js';
import { CliError, renderError, usageError } from '../../cli/cli-error.js';
import { EXIT, exitCodeOfAll } from '../../cli/exit-codes.js';
import type { ExitCode } from '../../cli/exit-codes.js';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import { getItem, listObjects } from '../../gateway/listing.js';
import type { Listing, Selection } from '../../gateway/listing.js';
import { namesFiles, targetsFrom } from '../../gateway/targets.js';
import type { Target } from '../../gateway/targets.js';
import { formatOf } from '../../output/format.js';
import type { Format } from '../../output/format.js';
import { hasOwnView } from '../../output/views.js';
import type { Session } from '../../session.js';
import { printDocuments, printTables } from './print.js';
import type { Fetched } from './print.js';

export const get: CommandHandler = async (session, call) => {
  const raw = call.flags.text('raw');
  if (raw !== undefined) return await getRaw(session, call, raw);
  const format = formatOf(call.flags);
  const gateway = await session.gateway();
  const targets = await targetsFrom(session, call);
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
  return report(session, call.flags.on('ignore-not-found') ? [] : failures);
};

/** @throws CliError unless it is about names, which are reported one by one. */
export async function fetchTarget(
  gateway: GatewayClient,
  { kind, names, namespace }: Target,
  selection: Selection,
  format: Format,
  failures: unknown[],
): Promise<Listing | undefined> {
  const asTable = format.type === 'table' && !hasOwnView(kind);
  if (names.length === 0) return await listObjects(gateway, kind, selection, asTable);
  const listings: Listing[] = [];
  for (const name of names) {
    try {
      listings.push(
        await getItem(gateway, kind, namespace ?? selection.namespace, name, asTable, selection.subresource),
      );
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
  const chunkSize = flags.wholeNumber('chunk-size');
  const subresource = flags.text('subresource');
  return {
    ...(all ? {} : { namespace: await session.namespace() }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
    ...(chunkSize === undefined ? {} : { chunkSize }),
    ...(subresource === undefined ? {} : { subresource }),
  };
}

function checkNames(targets: readonly Target[], { flags }: Invocation): void {
  if (targets.every(({ names }) => names.length === 0)) {
    if (flags.has('subresource')) throw usageError('--subresource is of objects that are named', 'add a name');
    return;
  }
  // Of files, a selector chooses.
  if (namesFiles(flags)) return;
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

/** What the server answers at a path of its own, as it is. */
async function getRaw(session: Session, { args, flags }: Invocation, path: string): Promise<ExitCode> {
  if (args.length > 0 || namesFiles(flags)) throw usageError('--raw takes a path and nothing else');
  if (!path.startsWith('/')) throw usageError(`--raw ${path}: is no path`, 'write --raw /version');
  const [name = '', query = ''] = path.split(/\?(.*)/s, 2);
  const stream = await (
    await session.gateway()
  ).stream({ path: name, query: Object.fromEntries(new URLSearchParams(query)) });
  const sink = session.terminal.stdout;
  for await (const chunk of stream)
    if (sink.write(chunk as Uint8Array) === false) await once(sink as NodeJS.WriteStream, 'drain');
  return EXIT.ok;
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
