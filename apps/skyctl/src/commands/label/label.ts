/** `skyctl label` and `skyctl annotate`. */
import type { ApiObject } from '@skyflow/contracts';
import { CliError, usageError } from '../../cli/cli-error.js';
import type { CommandHandler, Invocation } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { qualifiedName, type ResourceKind } from '../../gateway/kinds.js';
import { getObject, listObjects, typed } from '../../gateway/listing.js';
import { namesFiles, targetsFrom } from '../../gateway/targets.js';
import type { Session } from '../../session.js';
import { dryRunSuffix, printResult } from '../create/submit.js';
import { sendPatch } from '../patch/send-patch.js';

export const label: CommandHandler = (session, call) => change(session, call, 'labels');
export const annotate: CommandHandler = (session, call) => change(session, call, 'annotations');

type Field = 'labels' | 'annotations';
/** null: to be taken away. */
type Changes = Readonly<Record<string, string | null>>;

async function change(session: Session, call: Invocation, field: Field): Promise<number> {
  const { flags } = call;
  const first = call.args.findIndex((word) => word.includes('=') || word.endsWith('-'));
  const words = first < 0 ? [] : call.args.slice(first);
  if (flags.on('list') && words.length > 0) throw usageError('--list changes nothing', `leave out ${words[0] ?? ''}`);
  const changes = flags.on('list') ? {} : changesOf(words, field);
  const objects = await objectsOf(session, first < 0 ? call.args : call.args.slice(0, first), call);
  if (flags.on('list')) return list(session, objects, field);
  const dryRun = flags.text('dry-run') ?? 'none';
  const resourceVersion = flags.text('resource-version');
  // All are checked before one is changed.
  if (!flags.on('overwrite')) for (const { object } of objects) checkValues(object, changes, field);
  for (const { kind, object } of objects) {
    const { name, namespace } = object.metadata;
    const after =
      dryRun === 'client'
        ? object
        : await sendPatch(
            session,
            kind,
            namespace,
            name,
            'merge',
            { metadata: { [field]: changes, ...(resourceVersion === undefined ? {} : { resourceVersion }) } },
            dryRun === 'server',
          );
    const verb = field === 'labels' ? 'labeled' : 'annotated';
    await printResult(session, flags.text('output'), kind, typed(kind, after), `${verb}${dryRunSuffix(dryRun)}`);
  }
  return EXIT.ok;
}

async function objectsOf(
  session: Session,
  words: readonly string[],
  call: Invocation,
): Promise<{ kind: ResourceKind; object: ApiObject }[]> {
  const gateway = await session.gateway();
  const { flags } = call;
  const labelSelector = flags.text('selector');
  const fieldSelector = flags.text('field-selector');
  const many = !namesFiles(flags) && (flags.on('all') || labelSelector !== undefined || fieldSelector !== undefined);
  const found: { kind: ResourceKind; object: ApiObject }[] = [];
  for (const { kind, names, namespace: own } of await targetsFrom(session, call, words)) {
    const everywhere = many && flags.on('all-namespaces');
    const namespace = kind.namespaced && !everywhere ? (own ?? (await session.namespace())) : undefined;
    if (names.length > 0 && many) throw usageError('give either names, or --all, or -l');
    if (names.length === 0 && !many) throw usageError('say which: names, -l SELECTOR, or --all');
    for (const name of names) found.push({ kind, object: await getObject(gateway, kind, namespace, name) });
    if (!many) continue;
    const { items } = await listObjects(gateway, kind, {
      ...(namespace === undefined ? {} : { namespace }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    });
    found.push(...items.map(({ object }) => ({ kind, object })));
  }
  if (found.length === 0) session.terminal.note('Nothing found.');
  return found;
}

/** What they have, a line each. */
function list(session: Session, objects: readonly { kind: ResourceKind; object: ApiObject }[], field: Field): number {
  for (const { kind, object } of objects) {
    if (objects.length > 1) session.terminal.line(`${qualifiedName(kind)}/${object.metadata.name}`);
    for (const [key, value] of Object.entries(object.metadata[field] ?? {})) {
      session.terminal.line(`${objects.length > 1 ? '  ' : ''}${key}=${value}`);
    }
  }
  return EXIT.ok;
}

function changesOf(words: readonly string[], field: Field): Changes {
  if (words.length === 0) throw usageError(`say which ${field}: KEY=VALUE to set, KEY- to take away`);
  const changes: Record<string, string | null> = {};
  for (const word of words) {
    const at = word.indexOf('=');
    const key = at > 0 ? word.slice(0, at) : word.replace(/-$/, '');
    if (key === '' || (at <= 0 && !word.endsWith('-'))) {
      throw usageError(`"${word}" is neither KEY=VALUE nor KEY-`, 'names of objects come before them');
    }
    if (Object.hasOwn(changes, key)) throw usageError(`${key} is given twice`);
    changes[key] = at > 0 ? word.slice(at + 1) : null;
  }
  return changes;
}

function checkValues({ metadata }: ApiObject, changes: Changes, field: Field): void {
  for (const [key, value] of Object.entries(changes)) {
    const now = metadata[field]?.[key];
    if (value === null || now === undefined || now === value) continue;
    throw new CliError({
      code: EXIT.conflict,
      summary: `${metadata.name} has ${key}=${now} already: nothing was changed`,
      hint: 'add --overwrite to change it',
    });
  }
}
