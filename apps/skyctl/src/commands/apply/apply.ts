/** `skyctl apply`: server-side apply of each document, in the order given; every refusal is told with its place. */
import type { ApiObject } from '@skyflow/contracts';
import { CliError, renderError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT, exitCodeOfAll } from '../../cli/exit-codes.js';
import type { ExitCode } from '../../cli/exit-codes.js';
import type { Flags } from '../../cli/flags.js';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import { objectPath } from '../../gateway/kinds.js';
import { FIELD_MANAGER, dryRunSuffix, printResult } from '../create/submit.js';
import { guardMoves } from './guard-moves.js';
import { planOf } from './plan.js';
import type { PlannedObject } from './plan.js';

export const apply: CommandHandler = async (session, call) => {
  const planned = await planOf(session, call);
  const gateway = await session.gateway();
  const { flags } = call;
  const dryRun = flags.text('dry-run') ?? 'none';
  if (dryRun !== 'client') {
    await guardMoves(session, planned, flags, async (item) => (await applyOne(gateway, item, flags, 'server')).object);
  }
  const codes: ExitCode[] = [];
  for (const item of planned) {
    try {
      const { object, what } = await applyOne(gateway, item, flags, dryRun);
      await printResult(session, flags.text('output'), item.kind, object, what + dryRunSuffix(dryRun));
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      // Without a server the rest would fail the same way.
      if (error.code === EXIT.unavailable) throw error;
      session.terminal.note(renderError(withPlace(error, item, planned.length), session.debug));
      codes.push(error.code);
    }
  }
  return exitCodeOfAll(codes);
};

interface Applied {
  object: ApiObject;
  what: 'created' | 'configured' | 'unchanged' | 'applied';
}

async function applyOne(
  gateway: GatewayClient,
  { kind, namespace, object }: PlannedObject,
  flags: Flags,
  dryRun: string,
): Promise<Applied> {
  const metadata = namespace === undefined ? object.metadata : { ...object.metadata, namespace };
  const whole = { ...object, metadata } as unknown as ApiObject;
  if (dryRun === 'client') return { object: whole, what: 'applied' };
  const path = objectPath(kind, namespace, object.metadata.name);
  const before = await currentOf(gateway, path);
  const send = async (force: boolean) =>
    await gateway.json<ApiObject>({
      method: 'PATCH',
      path,
      contentType: 'application/apply-patch+yaml',
      query: {
        fieldManager: flags.text('field-manager') ?? FIELD_MANAGER,
        force: force ? true : undefined,
        dryRun: dryRun === 'server' ? 'All' : undefined,
      },
      body: whole,
    });
  const { status, body } = await send(flags.on('force-conflicts')).catch((error: unknown) => {
    if (!isOwnConflict(error)) throw error;
    return send(true);
  });
  if (status === 201 || before === undefined) return { object: body, what: 'created' };
  return { object: body, what: isSame(before, body) ? 'unchanged' : 'configured' };
}

/** What `skyctl create` and `scale` set is managed by an update of ours; to apply over that is no conflict to a person. */
const isOwnConflict = (error: unknown): boolean =>
  error instanceof CliError &&
  error.code === EXIT.conflict &&
  error.causes.length > 0 &&
  error.causes.every((cause) => cause.includes(`conflict with "${FIELD_MANAGER}"`));

/** Undefined: there is no such object yet. */
async function currentOf(gateway: GatewayClient, path: string): Promise<ApiObject | undefined> {
  try {
    return (await gateway.json<ApiObject>({ path })).body;
  } catch (error) {
    if (error instanceof CliError && error.code === EXIT.notFound) return undefined;
    throw error;
  }
}

/** By what they say: a dry run gives no new version. */
const isSame = (before: ApiObject, after: ApiObject): boolean => contentOf(before) === contentOf(after);

function contentOf(object: ApiObject): string {
  const { managedFields: _, resourceVersion: __, ...metadata } = object.metadata;
  return JSON.stringify({ ...object, metadata, status: undefined }, (_key, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
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
