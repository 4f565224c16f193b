/** Which objects `delete` means: by name, by label, all of a kind, or those of files. */
import { usageError } from '../../cli/cli-error.js';
import type { Invocation } from '../../cli/command-spec.js';
import type { ResourceKind } from '../../gateway/kinds.js';
import { listObjects } from '../../gateway/listing.js';
import { targetsOf } from '../../gateway/targets.js';
import type { Session } from '../../session.js';
import { planOf } from '../apply/plan.js';

export interface Doomed {
  kind: ResourceKind;
  namespace: string | undefined;
  name: string;
}

export async function doomedOf(session: Session, call: Invocation): Promise<Doomed[]> {
  const { args, flags } = call;
  if (flags.list('filename').length > 0 || flags.has('kustomize')) {
    if (args.length > 0) throw usageError('give either files with -f or -k, or a kind with names');
    const planned = await planOf(session, call);
    // What was made last goes first: a namespace goes after what is in it.
    return planned.reverse().map(({ kind, namespace, object }) => ({ kind, namespace, name: object.metadata.name }));
  }
  const selector = flags.text('selector');
  const targets = await targetsOf(args, await session.gateway());
  const named = targets.some(({ names }) => names.length > 0);
  const fieldSelector = flags.text('field-selector');
  const many = flags.on('all') || selector !== undefined || fieldSelector !== undefined;
  if (named && many) throw usageError('give either names, or --all, or -l');
  if (!named && !many) {
    throw usageError('say which: names, -l SELECTOR, or --all', 'such as: skyctl delete job hello');
  }
  const doomed: Doomed[] = [];
  for (const { kind, names } of targets) {
    const namespace = kind.namespaced ? await session.namespace() : undefined;
    if (named) doomed.push(...names.map((name) => ({ kind, namespace, name })));
    else
      doomed.push(
        ...(await selected(session, kind, flags.on('all-namespaces') ? undefined : namespace, selector, fieldSelector)),
      );
  }
  return doomed;
}

async function selected(
  session: Session,
  kind: ResourceKind,
  namespace: string | undefined,
  labelSelector: string | undefined,
  fieldSelector: string | undefined,
): Promise<Doomed[]> {
  const selection = {
    ...(namespace === undefined ? {} : { namespace }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
  };
  const { items } = await listObjects(await session.gateway(), kind, selection);
  if (items.length === 0) session.terminal.note(`No ${kind.plural} found.`);
  return items.map(({ object }) => ({ kind, namespace: object.metadata.namespace, name: object.metadata.name }));
}
