/** What each document is about: its kind as served, and the namespace that it goes to. */
import { parseLabelSelector } from '@skyflow/apimachinery';
import { matchesLabels } from '@skyflow/contracts';
import { CliError, usageError } from '../../cli/cli-error.js';
import type { Invocation } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { ExitCode } from '../../cli/exit-codes.js';
import { kindNames, resolveType, servedKinds } from '../../gateway/discovery.js';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import type { ResourceKind } from '../../gateway/kinds.js';
import { KNOWN_KINDS } from '../../gateway/kinds.js';
import type { Session } from '../../session.js';
import { readManifests } from './manifests.js';
import type { ManifestObject } from './manifests.js';
import { sourcesOf } from './sources.js';

export interface PlannedObject {
  kind: ResourceKind;
  namespace: string | undefined;
  object: ManifestObject;
  where: string;
}

/** Everything that -f and -k name. @throws CliError with every problem, before anything is sent. */
export async function planOf(session: Session, { flags }: Invocation): Promise<PlannedObject[]> {
  const sources = await sourcesOf(session, flags);
  const fallback = await session.namespace();
  const { documents, problems, notes } = readManifests(sources, fallback);
  const gateway = await session.gateway();
  const wanted = flags.text('namespace');
  const planned: PlannedObject[] = [];
  let unknownKinds = false;
  for (const { object, where } of documents) {
    const kind = await resolveType(object.apiVersion, object.kind, gateway);
    const { namespace } = object.metadata;
    if (kind === undefined) {
      unknownKinds = true;
      problems.push(`${where}: this server has no kind "${object.kind}" in apiVersion "${object.apiVersion}"`);
    } else if (wanted !== undefined && namespace !== undefined && kind.namespaced && namespace !== wanted) {
      problems.push(`${where}: metadata.namespace is "${namespace}", but -n says "${wanted}"`);
    } else {
      planned.push({ kind, where, object, namespace: kind.namespaced ? (namespace ?? fallback) : undefined });
    }
  }
  if (problems.length > 0) {
    throw problemsError(problems, unknownKinds ? EXIT.notFound : EXIT.usage, await kindsHint(unknownKinds, gateway));
  }
  const selected = selectedBy(flags.text('selector'), planned);
  if (selected.length === 0) {
    throw usageError(
      planned.length === 0 ? 'there is no object in what -f names' : 'no object in what -f names matches -l',
    );
  }
  for (const note of notes) session.terminal.note(`note: ${note}; "apply --dry-run client -o yaml" shows it`);
  return selected;
}

/** @throws CliError (usage) for what is no selector. */
function selectedBy(selector: string | undefined, planned: readonly PlannedObject[]): PlannedObject[] {
  if (selector === undefined) return [...planned];
  try {
    const requirements = parseLabelSelector(selector);
    return planned.filter(({ object }) =>
      matchesLabels(requirements, (object.metadata.labels ?? {}) as Record<string, string>),
    );
  } catch (error) {
    throw usageError(`-l ${selector}: ${(error as Error).message}`);
  }
}

function problemsError(problems: readonly string[], code: ExitCode, hint: string | undefined): CliError {
  const [only = '', ...more] = problems;
  const parts = { code, ...(hint === undefined ? {} : { hint }) };
  return more.length === 0
    ? new CliError({ ...parts, summary: only })
    : new CliError({ ...parts, summary: `${problems.length} problems; nothing was sent`, causes: problems });
}

async function kindsHint(unknownKinds: boolean, gateway: GatewayClient): Promise<string | undefined> {
  if (!unknownKinds) return undefined;
  return `it has: ${kindNames([...KNOWN_KINDS, ...(await servedKinds(gateway))])}`;
}
