/** `skyctl auth password`. */
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { askSecret } from '../../output/secret-prompt.js';

export const changePassword: CommandHandler = async (session, { args, flags }) => {
  const [user] = args;
  const piped = flags.on('password-stdin');
  const oldPassword =
    user === undefined && !piped ? await askSecret('Present password: ', session.terminal, false) : undefined;
  const password = await askSecret(`New password${user === undefined ? '' : ` of ${user}`}: `, session.terminal, piped);
  const { body } = await (
    await session.gateway()
  ).json<{ user: string }>({
    method: 'POST',
    path: '/auth/password',
    body: { ...(user === undefined ? {} : { user }), ...(oldPassword === undefined ? {} : { oldPassword }), password },
  });
  session.terminal.line(`Changed the password of ${body.user}; its sessions are over.`);
  return EXIT.ok;
};
