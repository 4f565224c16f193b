/** `skyctl create link|endpoints`: commands of the seed system for what SkyFlow does by itself. */
import { usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { CLUSTER, SERVICE } from '../../gateway/kinds.js';
import { getObject } from '../../gateway/listing.js';

export const createLink: CommandHandler = async (session, { flags }) => {
  const [source, target] = [flags.text('source'), flags.text('target')];
  if (source === undefined || target === undefined) throw usageError('say both clusters: --source NAME --target NAME');
  if (source === target) throw usageError(`--source and --target are both ${source}`, 'a link is between two clusters');
  const gateway = await session.gateway();
  for (const name of [source, target]) await getObject(gateway, CLUSTER, undefined, name);
  session.terminal.note(
    `nothing to make: ${source} and ${target} are linked by SkyFlow itself as soon as a service needs it`,
  );
  return EXIT.ok;
};

export const createEndpoints: CommandHandler = async (session, { args }) => {
  const [name = ''] = args;
  await getObject(await session.gateway(), SERVICE, await session.namespace(), name);
  session.terminal.note(
    `nothing to make: the endpoints of a service follow its pods by themselves; "skyctl describe service ${name}" shows them`,
  );
  return EXIT.ok;
};
