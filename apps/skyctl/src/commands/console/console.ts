/** `skyctl console`: the console's address with a link that signs in whoever opens it as the user of the context. */
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';

interface Link {
  user: string;
  path: string;
  expiresAt: string;
}

export const printConsoleLink: CommandHandler = async (session, { flags }) => {
  const gateway = await session.gateway();
  const { body } = await gateway.json<Link>({ method: 'POST', path: '/auth/links', body: {} });
  const { server } = await session.connection();
  const { user, path, expiresAt } = body;
  const url = `${server.origin}${path}`;
  if (flags.text('output') === 'json') {
    session.terminal.write(`${JSON.stringify({ user, url, expiresAt }, null, 4)}\n`);
    return EXIT.ok;
  }
  session.terminal.line(url);
  session.terminal.note(`signs in ${user}, once, until ${expiresAt}`);
  return EXIT.ok;
};
