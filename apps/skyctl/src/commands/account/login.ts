/** `skyctl login` and `logout`: sessions, kept as contexts of the configuration file. */
import { resolve } from 'node:path';
import { usageError } from '../../cli/cli-error.js';
import type { CommandHandler, Invocation } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { type ContextEntry, configPath, readConfig, saveContext } from '../../config/config-file.js';
import type { Connection } from '../../config/connection.js';
import type { SessionAnswer } from '../../gateway/refreshed.js';
import { GatewayRefusal } from '../../gateway/refusal.js';
import { askSecret } from '../../output/secret-prompt.js';
import type { Session } from '../../session.js';

export const login: CommandHandler = async (session, call) => {
  const answer = await loginWithPassword(session, call);
  const name = await keep(session, call, answer);
  session.terminal.line(`Logged in as ${answer.user}. Using context "${name}".`);
  return EXIT.ok;
};

export const logout: CommandHandler = async (session) => {
  const { context } = await session.connection();
  if (context?.token === undefined) throw usageError('the context in use has no token: you are not logged in');
  try {
    await (await session.gateway()).json({ method: 'POST', path: '/auth/logout', body: {} });
  } catch (error) {
    // A session that the server does not know any more is ended here all the same.
    if (!(error instanceof GatewayRefusal && error.status === 401)) throw error;
  }
  const { token: _token, refreshToken: _refresh, expiresAt: _expires, ...rest } = context;
  await saveContext(configPath(session.env), rest, false);
  session.terminal.line(`Logged out${context.user === undefined ? '' : ` ${context.user}`}.`);
  return EXIT.ok;
};

async function loginWithPassword(session: Session, { args, flags }: Invocation): Promise<SessionAnswer> {
  const [user, given] = args;
  if (user === undefined) throw usageError('say who logs in', 'such as: skyctl login jo');
  const password = given ?? (await askSecret(`Password of ${user}: `, session.terminal, flags.on('password-stdin')));
  const gateway = await session.gateway();
  const { body } = await gateway.json<SessionAnswer>({ method: 'POST', path: '/auth/login', body: { user, password } });
  return body;
}

/** @returns the name of the context */
async function keep(session: Session, { flags }: Invocation, answer: SessionAnswer): Promise<string> {
  const connection = await session.connection();
  const path = configPath(session.env);
  const namespace = flags.text('namespace') ?? connection.namespace;
  const authority = flags.text('certificate-authority') ?? connection.context?.certificateAuthority;
  const name = flags.text('context') ?? (await contextName(path, answer.user, namespace, connection));
  const context: ContextEntry = {
    name,
    server: connection.server.href.replace(/\/$/, ''),
    user: answer.user,
    token: answer.token,
    expiresAt: answer.expiresAt,
    refreshToken: answer.refreshToken,
    namespace,
    ...(authority === undefined ? {} : { certificateAuthority: resolve(authority) }),
  };
  await saveContext(path, context, true);
  return name;
}

/** `<user>-<namespace>` as in the seed system; with the host where that name is another server's. */
async function contextName(path: string, user: string, namespace: string, { server }: Connection): Promise<string> {
  const name = `${user}-${namespace}`;
  const taken = (await readConfig(path))?.contexts.find((context) => context.name === name);
  return taken === undefined || new URL(taken.server).origin === server.origin ? name : `${name}@${server.host}`;
}
