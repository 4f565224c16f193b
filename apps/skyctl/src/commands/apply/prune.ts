/**
 * `apply --prune`: deletes what an earlier apply of the same manager made and what is in the files no longer. Asked for with a selector
 * or --all, and only of the kinds on the list, in the namespaces that the files name.
 */
import type { ApiObject } from '@skyflow/contracts';
import { CliError, usageError } from '../../cli/cli-error.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { Flags } from '../../cli/flags.js';
import { resolveType } from '../../gateway/discovery.js';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import {
  CONFIG_MAP,
  DEPLOYMENT,
  JOB,
  PLACEMENT_POLICY,
  SECRET,
  SERVICE,
  objectPath,
  qualifiedName,
} from '../../gateway/kinds.js';
import type { ResourceKind } from '../../gateway/kinds.js';
import { listObjects } from '../../gateway/listing.js';
import type { Selection } from '../../gateway/listing.js';
import type { Item } from '../../output/view.js';
import type { Session } from '../../session.js';
import { FIELD_MANAGER, dryRunSuffix } from '../create/submit.js';
import type { PlannedObject } from './plan.js';

const DEFAULT_KINDS = [JOB, DEPLOYMENT, SERVICE, PLACEMENT_POLICY, CONFIG_MAP, SECRET];

/** @throws CliError before anything is sent, when it is not said what may be deleted. */
export function checkPruneFlags(flags: Flags): void {
  const selected = flags.has('selector');
  if (!flags.on('prune')) {
    if (flags.on('all') || flags.has('prune-allowlist'))
      throw usageError('--all and --prune-allowlist are about --prune', 'add it');
    return;
  }
  if (selected === flags.on('all')) {
    throw usageError(
      selected ? 'give either -l or --all with --prune' : '--prune needs to know which objects belong to these files',
      'give a label that they all have, -l app=web, or --all for everything that was applied in their namespaces',
    );
  }
}

/** Names of what was deleted, or would be, are printed. */
export async function prune(
  session: Session,
  planned: readonly PlannedObject[],
  flags: Flags,
  dryRun: string,
): Promise<void> {
  const gateway = await session.gateway();
  const namespaces = new Set(planned.flatMap(({ namespace }) => namespace ?? []));
  if (namespaces.size === 0) namespaces.add(await session.namespace());
  const kept = new Set(planned.map(({ kind, namespace, object }) => keyOf(kind, namespace, object.metadata.name)));
  const manager = flags.text('field-manager') ?? FIELD_MANAGER;
  for (const kind of await kindsOf(flags, gateway)) {
    for (const namespace of kind.namespaced ? namespaces : [undefined]) {
      const labelSelector = flags.text('selector');
      const items = await itemsOf(gateway, kind, {
        ...(namespace === undefined ? {} : { namespace }),
        ...(labelSelector === undefined ? {} : { labelSelector }),
      });
      for (const { object } of items) {
        const { name, deletionTimestamp } = object.metadata;
        if (deletionTimestamp !== undefined || kept.has(keyOf(kind, namespace, name)) || !isAppliedBy(object, manager))
          continue;
        if (dryRun !== 'client') await remove(gateway, kind, namespace, name, dryRun === 'server');
        session.terminal.line(`${qualifiedName(kind)}/${name} pruned${dryRunSuffix(dryRun)}`);
      }
    }
  }
}

/** None of a kind that this server does not have. */
async function itemsOf(gateway: GatewayClient, kind: ResourceKind, selection: Selection): Promise<readonly Item[]> {
  try {
    return (await listObjects(gateway, kind, selection)).items;
  } catch (error) {
    if (error instanceof CliError && error.code === EXIT.notFound) return [];
    throw error;
  }
}

/** Without the group: the native kinds are other faces of the same objects. */
const keyOf = ({ kind }: ResourceKind, namespace: string | undefined, name: string): string =>
  `${kind} ${namespace ?? ''} ${name}`;

/** What was created or patched by a command is nobody's file. */
function isAppliedBy({ metadata }: ApiObject, manager: string): boolean {
  const entries =
    (metadata as { managedFields?: readonly { manager?: string; operation?: string }[] }).managedFields ?? [];
  return entries.some((entry) => entry.operation === 'Apply' && entry.manager === manager);
}

/** `group/version/Kind`, `core/v1/ConfigMap`, as kubectl's allowlist has them. */
async function kindsOf(flags: Flags, gateway: GatewayClient): Promise<readonly ResourceKind[]> {
  const list = flags.list('prune-allowlist').flatMap((text) => text.split(','));
  if (list.length === 0) return DEFAULT_KINDS;
  return await Promise.all(
    list.map(async (text) => {
      const [group = '', version = '', kindName = '', ...more] = text.split('/');
      const apiVersion = group === '' || group === 'core' ? version : `${group}/${version}`;
      const kind = more.length > 0 || kindName === '' ? undefined : await resolveType(apiVersion, kindName, gateway);
      if (kind !== undefined) return kind;
      throw usageError(
        `--prune-allowlist ${text}: is no kind of this server`,
        'write skyflow.io/v1/Job or core/v1/ConfigMap',
      );
    }),
  );
}

async function remove(
  gateway: GatewayClient,
  kind: ResourceKind,
  namespace: string | undefined,
  name: string,
  dryRun: boolean,
): Promise<void> {
  await gateway.json({
    method: 'DELETE',
    path: objectPath(kind, namespace, name),
    query: { dryRun: dryRun ? 'All' : undefined },
    body: { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background' },
  });
}
