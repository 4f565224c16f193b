/** `skyctl register`, `invite` and `revoke-invite`. */
import { usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { askSecret } from '../../output/secret-prompt.js';

interface Invite {
  invite: string;
  roles: readonly string[];
  expiresAt: string;
}

export const register: CommandHandler = async (session, { args, flags }) => {
  const [user = '', given] = args;
  const invite = flags.text('invite');
  if (invite === undefined) {
    throw usageError(
      'registering takes an invite: --invite INVITE',
      'ask somebody who may for one: he runs "skyctl invite"',
    );
  }
  const password = given ?? (await askSecret(`Password for ${user}: `, session.terminal, flags.on('password-stdin')));
  const email = flags.text('email');
  const body = { user, password, invite, ...(email === undefined ? {} : { email }) };
  const { body: made } = await (
    await session.gateway()
  ).json<{ roles: readonly string[] }>({ method: 'POST', path: '/auth/register', body });
  const roles = made.roles.length === 0 ? 'no role yet' : `roles: ${made.roles.join(', ')}`;
  session.terminal.line(`Registered ${user} (${roles}). Log in with: skyctl login ${user}`);
  return EXIT.ok;
};

export const invite: CommandHandler = async (session, { flags }) => {
  const expiresInMs = flags.durationMs('expires-in');
  const roles = flags.list('role').flatMap((text) => text.split(','));
  const { body } = await (
    await session.gateway()
  ).json<Invite>({
    method: 'POST',
    path: '/auth/invites',
    body: { roles, ...(expiresInMs === undefined ? {} : { expiresInSeconds: Math.round(expiresInMs / 1_000) }) },
  });
  if (flags.on('json') || flags.text('output') === 'json') {
    session.terminal.line(JSON.stringify(body, null, 4));
    return EXIT.ok;
  }
  session.terminal.line(body.invite);
  const what = body.roles.length === 0 ? 'no role' : body.roles.join(', ');
  session.terminal.note(
    `Good for one person until ${body.expiresAt}, with ${what}: skyctl register NAME --invite ${body.invite}`,
  );
  return EXIT.ok;
};

export const revokeInvite: CommandHandler = async (session, { args }) => {
  await (
    await session.gateway()
  ).json({ method: 'POST', path: '/auth/invites/revoke', body: { invite: args[0] ?? '' } });
  session.terminal.line('Revoked the invite.');
  return EXIT.ok;
};
