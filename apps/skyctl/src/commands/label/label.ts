/** `skyctl label` and `skyctl annotate`. */
import type { ApiObject } from '@skyflow/contracts';
import { CliError, usageError } from '../../cli/cli-error.js';
import type { CommandHandler, Invocation } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { ResourceKind } from '../../gateway/kinds.js';
import { getObject, listObjects, typed } from '../../gateway/listing.js';
import { targetsOf } from '../../gateway/targets.js';
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
  const changes = changesOf(first < 0 ? [] : call.args.slice(first), field);
  const objects = await objectsOf(session, first < 0 ? call.args : call.args.slice(0, first), call);
  const dryRun = flags.text('dry-run') ?? 'none';
  // All are checked before one is changed.
  if (!flags.on('overwrite')) for (const { object } of objects) checkValues(object, changes, field);
  for (const { kind, object } of objects) {
    const { name, namespace } = object.metadata;
    const after =
      dryRun === 'client'
        ? object
        : await sendPatch(
            await session.gateway(),
            kind,
            namespace,
            name,
            'merge',
            { metadata: { [field]: changes } },
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
  { flags }: Invocation,
): Promise<{ kind: ResourceKind; object: ApiObject }[]> {
  const gateway = await session.gateway();
  const labelSelector = flags.text('selector');
  const many = flags.on('all') || labelSelector !== undefined;
  const found: { kind: ResourceKind; object: ApiObject }[] = [];
  for (const { kind, names } of await targetsOf(words, gateway)) {
    const namespace = kind.namespaced ? await session.namespace() : undefined;
    if (names.length > 0 && many) throw usageError('give either names, or --all, or -l');
    if (names.length === 0 && !many) throw usageError('say which: names, -l SELECTOR, or --all');
    for (const name of names) found.push({ kind, object: await getObject(gateway, kind, namespace, name) });
    if (!many) continue;
    const { items } = await listObjects(gateway, kind, {
      ...(namespace === undefined ? {} : { namespace }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
    });
    found.push(...items.map(({ object }) => ({ kind, object })));
  }
  if (found.length === 0) session.terminal.note('Nothing found.');
  return found;
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
