/** `skyctl auth credential`: kubectl's exec plugin (client.authentication.k8s.io/v1), so that its tokens are the session's, renewed. */
import { usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';

export const printCredential: CommandHandler = async (session) => {
  const { token, context } = await session.connection();
  if (token === undefined) throw usageError('there is no token: log in with "skyctl login"');
  const { expiresAt } = context ?? {};
  session.terminal.line(
    JSON.stringify({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token, ...(expiresAt === undefined ? {} : { expirationTimestamp: expiresAt }) },
    }),
  );
  return EXIT.ok;
};
