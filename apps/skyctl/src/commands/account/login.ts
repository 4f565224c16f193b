/** `skyctl login` and `logout`: sessions, kept as contexts of the configuration file. */
import { resolve } from 'node:path';
import { usageError } from '../../cli/cli-error.js';
import type { CommandHandler, Invocation } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { Flags } from '../../cli/flags.js';
import { type ContextEntry, configPath, readConfig, saveContext } from '../../config/config-file.js';
import type { Connection } from '../../config/connection.js';
import type { SessionAnswer } from '../../gateway/refreshed.js';
import { GatewayRefusal } from '../../gateway/refusal.js';
import { isOidc, revoked } from '../../oidc/renew.js';
import { askSecret } from '../../output/secret-prompt.js';
import type { Session } from '../../session.js';
import { type LoginEntry, OIDC_FLAGS, loginAtIssuer } from './login-oidc.js';

export const login: CommandHandler = async (given, call) => {
  const { flags } = call;
  const session = await withServer(given, flags);
  const atIssuer = OIDC_FLAGS.some((flag) => flags.on(flag) || flags.text(flag) !== undefined);
  const entry = atIssuer ? await loginAtIssuer(session, call) : await loginWithPassword(session, call);
  const name = await keep(session, call, entry);
  session.terminal.line(`Logged in as ${entry.user}. Using context "${name}".`);
  return EXIT.ok;
};

export const logout: CommandHandler = async (session) => {
  const { context } = await session.connection();
  if (context?.token === undefined) throw usageError('the context in use has no token: you are not logged in');
  try {
    if (isOidc(context)) await revoked(context);
    else await (await session.gateway()).json({ method: 'POST', path: '/auth/logout', body: {} });
  } catch (error) {
    // A session that the server does not know any more is ended here all the same.
    if (!(error instanceof GatewayRefusal && error.status === 401)) throw error;
  }
  const { token: _token, refreshToken: _refresh, expiresAt: _expires, ...rest } = context;
  await saveContext(configPath(session.env), rest, false);
  session.terminal.line(`Logged out${context.user === undefined ? '' : ` ${context.user}`}.`);
  return EXIT.ok;
};

/** A context that is not there yet is made by the login: until then the server is that of the one in use. */
async function withServer(session: Session, flags: Flags): Promise<Session> {
  const name = flags.text('context');
  const known = (await readConfig(configPath(session.env)))?.contexts.some((context) => context.name === name) ?? false;
  return name === undefined || known ? session : session.with(flags.without('context'));
}

async function loginWithPassword(session: Session, { args, flags }: Invocation): Promise<LoginEntry> {
  const [user, given] = args;
  if (user === undefined) throw usageError('say who logs in', 'such as: skyctl login jo');
  const password = given ?? (await askSecret(`Password of ${user}: `, session.terminal, flags.on('password-stdin')));
  const gateway = await session.gateway();
  const { body } = await gateway.json<SessionAnswer>({ method: 'POST', path: '/auth/login', body: { user, password } });
  return { user: body.user, token: body.token, expiresAt: body.expiresAt, refreshToken: body.refreshToken };
}

/** @returns the name of the context */
async function keep(session: Session, { flags }: Invocation, entry: LoginEntry): Promise<string> {
  const connection = await session.connection();
  const path = configPath(session.env);
  const namespace = flags.text('namespace') ?? connection.namespace;
  const authority = flags.text('certificate-authority') ?? connection.context?.certificateAuthority;
  const name = flags.text('context') ?? (await contextName(path, entry.user, namespace, connection));
  const context: ContextEntry = {
    name,
    server: connection.server.href.replace(/\/$/, ''),
    ...entry,
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
