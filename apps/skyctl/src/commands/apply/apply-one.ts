/** Server-side apply of one object, and whether anything changed by it. */
import type { ApiObject } from '@skyflow/contracts';
import { CliError } from '../../cli/cli-error.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import { objectPath } from '../../gateway/kinds.js';
import { FIELD_MANAGER } from '../create/submit.js';
import type { PlannedObject } from './plan.js';

export interface Applied {
  /** Undefined: there was none. */
  before: ApiObject | undefined;
  object: ApiObject;
  what: 'created' | 'configured' | 'unchanged';
}

export interface ApplySettings {
  fieldManager?: string | undefined;
  /** Takes over fields that others manage. */
  force: boolean;
  /** The server checks and answers, and keeps nothing. */
  dryRun: boolean;
}

/** The object with the namespace that it goes to. */
export function wholeObject({ namespace, object }: PlannedObject): ApiObject {
  const metadata = namespace === undefined ? object.metadata : { ...object.metadata, namespace };
  return { ...object, metadata } as unknown as ApiObject;
}

export async function applyOne(
  gateway: GatewayClient,
  item: PlannedObject,
  { fieldManager, force, dryRun }: ApplySettings,
): Promise<Applied> {
  const path = objectPath(item.kind, item.namespace, item.object.metadata.name);
  const before = await currentOf(gateway, path);
  const send = async (forced: boolean) =>
    await gateway.json<ApiObject>({
      method: 'PATCH',
      path,
      contentType: 'application/apply-patch+yaml',
      query: {
        fieldManager: fieldManager ?? FIELD_MANAGER,
        force: forced ? true : undefined,
        dryRun: dryRun ? 'All' : undefined,
      },
      body: wholeObject(item),
    });
  const { status, body } = await send(force).catch((error: unknown) => {
    if (!isOwnConflict(error)) throw error;
    return send(true);
  });
  if (status === 201 || before === undefined) return { before, object: body, what: 'created' };
  return { before, object: body, what: isSame(before, body) ? 'unchanged' : 'configured' };
}

/** What `skyctl create` and `scale` set is managed by an update of ours; to apply over that is no conflict to a person. */
const isOwnConflict = (error: unknown): boolean =>
  error instanceof CliError &&
  error.code === EXIT.conflict &&
  error.causes.length > 0 &&
  error.causes.every((cause) => cause.includes(`conflict with "${FIELD_MANAGER}"`));

/** Undefined: there is no such object yet. */
export async function currentOf(gateway: GatewayClient, path: string): Promise<ApiObject | undefined> {
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
