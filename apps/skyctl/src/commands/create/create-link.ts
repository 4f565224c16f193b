/** `skyctl create link`: says what is asked of the way between two clusters, which is there by itself as soon as a service needs it. */
import { linkName, type ApiObject, type LinkSpec, type PlaneChoice } from '@skyflow/contracts';
import { CliError, usageError } from '../../cli/cli-error.js';
import type { CommandHandler, Invocation } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import { apiVersionOf, CLUSTER, LINK, objectPath } from '../../gateway/kinds.js';
import { listObjects } from '../../gateway/listing.js';
import type { Session } from '../../session.js';
import { dryRunSuffix, FIELD_MANAGER, post, printResult, type NewObject } from './submit.js';

export const createLink: CommandHandler = async (session, call) => {
  const { flags } = call;
  const { from, to } = endsOf(call);
  if (from === to) throw usageError(`--source and --target are both ${from}`, 'a link is between two clusters');
  const gateway = await session.gateway();
  await clustersAreThere(gateway, [from, to]);
  const plane = flags.text('plane');
  if (plane === undefined) {
    session.terminal.note(
      `nothing to make: ${from} and ${to} are linked by SkyFlow itself as soon as a service needs it; --plane says how`,
    );
    return EXIT.ok;
  }
  const dryRun = flags.text('dry-run') ?? 'none';
  // Not looked at here: the server says which planes there are.
  const spec: LinkSpec = { from, to, plane: plane as PlaneChoice };
  const link: NewObject & { spec: LinkSpec } = {
    ...{ apiVersion: apiVersionOf(LINK), kind: LINK.kind, metadata: { name: linkName(from, to) }, spec },
  };
  const written =
    dryRun === 'client' ? (link as unknown as ApiObject) : await write(session, link, dryRun === 'server');
  await printResult(session, flags.text('output'), LINK, written, `set to ${plane}${dryRunSuffix(dryRun)}`);
  return EXIT.ok;
};

function endsOf({ args, flags }: Invocation): { from: string; to: string } {
  const [source, target] = [flags.text('source'), flags.text('target')];
  if (source !== undefined && target !== undefined) return { from: source, to: target };
  const [from = '', to = '', ...rest] = (args[0] ?? '').split('.');
  if (source === undefined && target === undefined && from !== '' && to !== '' && rest.length === 0)
    return { from, to };
  throw usageError('say both clusters: as FROM.TO, or by --source NAME --target NAME');
}

/** @throws CliError (not found) that names those that there are. */
async function clustersAreThere(gateway: GatewayClient, names: readonly string[]): Promise<void> {
  const { items } = await listObjects(gateway, CLUSTER, {});
  const known = items.map(({ object }) => object.metadata.name).sort();
  const missing = names.find((name) => !known.includes(name));
  if (missing === undefined) return;
  const rest = known.length === 0 ? 'no cluster is registered yet' : `the clusters are: ${known.join(', ')}`;
  throw new CliError({ code: EXIT.notFound, summary: `there is no cluster "${missing}"; ${rest}` });
}

/** It may be there without anybody having made it. */
async function write(session: Session, link: NewObject & { spec: LinkSpec }, dryRun: boolean): Promise<ApiObject> {
  try {
    return await (
      await session.gateway()
    )
      .json<ApiObject>({
        ...{ method: 'PATCH', path: objectPath(LINK, undefined, link.metadata.name) },
        query: { fieldManager: FIELD_MANAGER, ...(dryRun ? { dryRun: 'All' } : {}) },
        ...{ contentType: 'application/merge-patch+json', body: { spec: link.spec } },
      })
      .then(({ body }) => body);
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== EXIT.notFound) throw error;
    return post(session, LINK, link, dryRun);
  }
}
