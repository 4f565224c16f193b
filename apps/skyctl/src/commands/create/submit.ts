/** Sends a new object, or shows it when nothing is to be changed. */
import type { ApiObject } from '@skyflow/contracts';
import { CliError, usageError } from '../../cli/cli-error.js';
import type { Invocation } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { ExitCode } from '../../cli/exit-codes.js';
import { listPath, qualifiedName } from '../../gateway/kinds.js';
import type { ResourceKind } from '../../gateway/kinds.js';
import { renderDocuments } from '../../output/documents.js';
import { DOCUMENT_FORMATS, parseFormat } from '../../output/format.js';
import type { Session } from '../../session.js';

/** Field manager of everything that skyctl writes. */
export const FIELD_MANAGER = 'skyctl';

/** An object that has no uid, version and time yet. */
export interface NewObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
}

export async function submit(
  session: Session,
  { flags }: Invocation,
  kind: ResourceKind,
  object: NewObject,
  note = '',
): Promise<ExitCode> {
  const dryRun = flags.text('dry-run') ?? 'none';
  const created = dryRun === 'client' ? (object as ApiObject) : await post(session, kind, object, dryRun === 'server');
  await printResult(session, flags.text('output'), kind, created, `created${note}${dryRunSuffix(dryRun)}`);
  return EXIT.ok;
}

/** `job.skyflow.io/hello created`, or the object where a form of output was asked for. */
export async function printResult(
  { terminal }: Session,
  output: string | undefined,
  kind: ResourceKind,
  object: ApiObject,
  what: string,
): Promise<void> {
  if (output === undefined) {
    terminal.line(`${qualifiedName(kind)}/${object.metadata.name} ${what}`);
    return;
  }
  const format = parseFormat(output);
  if (format.type === 'table' || format.type === 'custom-columns') {
    throw usageError(`-o ${output}: this command has no tables`, `there are ${DOCUMENT_FORMATS.join(', ')}`);
  }
  terminal.write(await renderDocuments(format, [{ kind, object }], { single: true, managedFields: false }));
}

export const dryRunSuffix = (dryRun: string): string =>
  dryRun === 'client' ? ' (dry run)' : dryRun === 'server' ? ' (server dry run)' : '';

/** @param dryRun the server says what would become of it, and nothing is changed. */
export async function post(
  session: Session,
  kind: ResourceKind,
  object: NewObject,
  dryRun: boolean,
  fieldManager = FIELD_MANAGER,
): Promise<ApiObject> {
  const gateway = await session.gateway();
  try {
    const { body } = await gateway.json<ApiObject>({
      method: 'POST',
      path: listPath(kind, object.metadata.namespace),
      query: { fieldManager, ...(dryRun ? { dryRun: 'All' } : {}) },
      body: object,
    });
    return body;
  } catch (error) {
    throw withWayOut(error, kind, object);
  }
}

function withWayOut(error: unknown, kind: ResourceKind, { metadata }: NewObject): unknown {
  if (!(error instanceof CliError) || error.code !== EXIT.conflict) return error;
  const within = metadata.namespace === undefined ? '' : ` -n ${metadata.namespace}`;
  const hint = `look at it with "skyctl get ${kind.singular} ${metadata.name}${within}", or choose another name`;
  return new CliError({ code: error.code, summary: error.message, causes: error.causes, hint, cause: error });
}
