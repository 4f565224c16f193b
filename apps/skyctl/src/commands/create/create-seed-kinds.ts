/** `skyctl create endpoints`: a command of the seed system for what SkyFlow does by itself. */
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { SERVICE } from '../../gateway/kinds.js';
import { getObject } from '../../gateway/listing.js';

export const createEndpoints: CommandHandler = async (session, { args }) => {
  const [name = ''] = args;
  await getObject(await session.gateway(), SERVICE, await session.namespace(), name);
  session.terminal.note(
    `nothing to make: the endpoints of a service follow its pods by themselves; "skyctl describe service ${name}" shows them`,
  );
  return EXIT.ok;
};
