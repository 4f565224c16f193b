/** `skyctl auth whoami`. */
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { toYaml } from '../../output/documents.js';

interface WhoAmI {
  user: string;
  groups: readonly string[];
  roles: readonly string[];
  token?: { type: string; expiresAt?: string };
}

export const whoami: CommandHandler = async (session, { flags }) => {
  const { body } = await (await session.gateway()).json<WhoAmI>({ path: '/auth/whoami' });
  const output = flags.text('output');
  if (output !== undefined) {
    session.terminal.write(output === 'yaml' ? await toYaml(body) : `${JSON.stringify(body, null, 4)}\n`);
    return EXIT.ok;
  }
  const { server, context } = await session.connection();
  const lines = [
    ['User', body.user],
    ['Groups', body.groups.join(', ')],
    [
      'Roles',
      body.roles.length > 0 ? body.roles.join(', ') : body.groups.includes('system:masters') ? 'all rights' : 'none',
    ],
    ['Server', server.origin],
    ...(context === undefined ? [] : [['Context', context.name]]),
    ...(body.token?.expiresAt === undefined
      ? []
      : [[body.token.type === 'Session' ? 'Session ends' : 'Token ends', body.token.expiresAt]]),
  ];
  for (const [name = '', value = ''] of lines) session.terminal.line(`${`${name}:`.padEnd(14)}${value}`);
  return EXIT.ok;
};
