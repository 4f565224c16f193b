/** `skyctl scale`. */
import type { ApiObject, Job } from '@skyflow/contracts';
import { CliError, usageError } from '../../cli/cli-error.js';
import type { CommandHandler, Invocation } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { follow } from '../../gateway/follow.js';
import { isWorkload, objectPath, qualifiedName } from '../../gateway/kinds.js';
import { getObject, listObjects, typed } from '../../gateway/listing.js';
import { type NamedObject, namedTargets, namesFiles, targetsOf } from '../../gateway/targets.js';
import type { Session } from '../../session.js';
import { FIELD_MANAGER, dryRunSuffix, printResult } from '../create/submit.js';

export const scale: CommandHandler = async (session, call) => {
  const { flags } = call;
  const replicas = flags.wholeNumber('replicas', Number.NEGATIVE_INFINITY);
  if (replicas === undefined) throw usageError('say how many: --replicas COUNT');
  const expected = flags.wholeNumber('current-replicas');
  const version = flags.text('resource-version');
  const dryRun = flags.text('dry-run') ?? 'none';
  const timeoutMs = flags.durationMs('timeout');
  for (const named of await objectsOf(session, call)) {
    const { kind, namespace, name } = named;
    const looked = expected !== undefined || dryRun === 'client';
    const before = looked ? await getObject(await session.gateway(), kind, namespace, name) : undefined;
    if (expected !== undefined) checkReplicas(before as Job, expected);
    const resourceVersion = version ?? (expected === undefined ? undefined : before?.metadata.resourceVersion);
    const after =
      dryRun === 'client' && before !== undefined
        ? before
        : await patchReplicas(session, named, replicas, resourceVersion, dryRun === 'server');
    await printResult(session, flags.text('output'), kind, typed(kind, after), `scaled${dryRunSuffix(dryRun)}`);
    if (timeoutMs !== undefined && dryRun === 'none') await waitUntilScaled(session, named, replicas, timeoutMs);
  }
  return EXIT.ok;
};

async function objectsOf(session: Session, call: Invocation): Promise<NamedObject[]> {
  const { args, flags } = call;
  const labelSelector = flags.text('selector');
  const many = !namesFiles(flags) && (flags.on('all') || labelSelector !== undefined);
  if (!many) return await namedTargets(session, call);
  const gateway = await session.gateway();
  const namespace = await session.namespace();
  const found: NamedObject[] = [];
  for (const { kind, names } of await targetsOf(args, gateway)) {
    if (names.length > 0) throw usageError('give either names, or --all, or -l');
    const selection = { namespace, ...(labelSelector === undefined ? {} : { labelSelector }) };
    const { items } = await listObjects(gateway, kind, selection);
    found.push(...items.map(({ object }) => ({ kind, name: object.metadata.name, namespace })));
  }
  if (found.length === 0) session.terminal.note('Nothing found.');
  return found;
}

/** @param resourceVersion the version that was looked at, so that a change in between is noticed */
async function patchReplicas(
  session: Session,
  { kind, namespace, name }: NamedObject,
  replicas: number,
  resourceVersion: string | undefined,
  dryRun: boolean,
): Promise<ApiObject> {
  const gateway = await session.gateway();
  const { body } = await gateway.json<ApiObject>({
    method: 'PATCH',
    path: objectPath(kind, namespace, name),
    query: { fieldManager: FIELD_MANAGER, ...(dryRun ? { dryRun: 'All' } : {}) },
    contentType: 'application/merge-patch+json',
    body: { spec: { replicas }, ...(resourceVersion === undefined ? {} : { metadata: { resourceVersion } }) },
  });
  return body;
}

/** @throws CliError when it takes longer */
async function waitUntilScaled(
  session: Session,
  { kind, namespace = '', name }: NamedObject,
  replicas: number,
  timeoutMs: number,
): Promise<void> {
  const signal = AbortSignal.timeout(timeoutMs);
  const selection = { namespace, fieldSelector: `metadata.name=${name}` };
  const field = isWorkload(kind) ? 'ready' : 'readyReplicas';
  let ready = 0;
  try {
    for await (const change of follow(await session.gateway(), kind, selection, { signal })) {
      const object = change.type === 'LIST' ? change.listing.items[0]?.object : change.item.object;
      ready = ((object?.status ?? {}) as Record<string, number | undefined>)[field] ?? 0;
      if (ready === replicas) return;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  throw new CliError({
    code: EXIT.timeout,
    summary: `${qualifiedName(kind)}/${name} has ${ready} of ${replicas} replicas ready after ${timeoutMs / 1_000} s`,
    hint: 'it goes on by itself; "skyctl explain" says what it waits for',
  });
}

function checkReplicas({ spec, metadata }: Job, expected: number): void {
  if (spec.replicas === expected) return;
  throw new CliError({
    code: EXIT.conflict,
    summary: `${metadata.name} has ${spec.replicas} replicas, not ${expected}: nothing was changed`,
  });
}
