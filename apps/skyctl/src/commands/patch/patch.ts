/** `skyctl patch`: one patch for each of the objects named. */
import { readFileSync } from 'node:fs';
import type { ApiObject } from '@skyflow/contracts';
import { parse } from 'yaml';
import { usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { Flags } from '../../cli/flags.js';
import type { ResourceKind } from '../../gateway/kinds.js';
import { getObject, typed } from '../../gateway/listing.js';
import { namedTargets } from '../../gateway/targets.js';
import { guardPolicy } from '../apply/guard-moves.js';
import { dryRunSuffix, printResult } from '../create/submit.js';
import { sendPatch } from './send-patch.js';
import type { PatchType } from './send-patch.js';

export const patch: CommandHandler = async (session, call) => {
  const { flags } = call;
  const body = patchOf(flags);
  const gateway = await session.gateway();
  const dryRun = flags.text('dry-run') ?? 'none';
  for (const { kind, name, namespace } of await namedTargets(session, call)) {
    const type = typeOf(flags, kind);
    const before = await getObject(gateway, kind, namespace, name);
    const would = async (): Promise<ApiObject> => await sendPatch(session, kind, namespace, name, type, body, true);
    if (dryRun !== 'client') await guardPolicy(session, kind, flags, would);
    const after =
      dryRun === 'client' ? before : await sendPatch(session, kind, namespace, name, type, body, dryRun === 'server');
    const changed = after.metadata.resourceVersion !== before.metadata.resourceVersion || dryRun !== 'none';
    const what = `patched${changed ? '' : ' (no change)'}${dryRunSuffix(dryRun)}`;
    await printResult(session, flags.text('output'), kind, typed(kind, after), what);
  }
  return EXIT.ok;
};

/** Strategic merge is for the kinds that Kubernetes has compiled in, as for kubectl. */
function typeOf(flags: Flags, { group }: ResourceKind): PatchType {
  const given = flags.text('type') as PatchType | undefined;
  return given ?? (group.includes('.') && !group.endsWith('.k8s.io') ? 'merge' : 'strategic');
}

function patchOf(flags: Flags): ApiObject | readonly object[] {
  const [text, file] = [flags.text('patch'), flags.text('patch-file')];
  if ((text === undefined) === (file === undefined)) {
    throw usageError(
      text === undefined ? 'say what to change: -p PATCH or --patch-file FILE' : 'give either -p or --patch-file',
      `such as: -p '{"spec":{"replicas":3}}'`,
    );
  }
  const source = text === undefined ? (file ?? '') : '-p';
  let value: unknown;
  try {
    value = parse(text ?? readFileSync(file === '-' ? 0 : (file ?? ''), 'utf8'));
  } catch (error) {
    throw usageError(`${source}: ${(error as Error).message.split('\n', 1)[0] ?? ''}`);
  }
  const isList = Array.isArray(value);
  if (value === null || typeof value !== 'object' || isList !== (flags.text('type') === 'json')) {
    throw usageError(
      `${source}: a ${flags.text('type') ?? 'merge'} patch is ${flags.text('type') === 'json' ? 'a list of operations' : 'an object'}, not ${isList ? 'a list' : value === null ? 'empty' : `a ${typeof value}`}`,
      isList ? 'add --type json' : undefined,
    );
  }
  return value as ApiObject;
}
