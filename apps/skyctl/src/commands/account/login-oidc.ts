/** `skyctl login --oidc`: at the issuer that the gateway trusts; what is kept is the ID token, and the way to the next one. */
import { CliError, usageError } from '../../cli/cli-error.js';
import type { Invocation } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { Flags } from '../../cli/flags.js';
import type { ContextEntry } from '../../config/config-file.js';
import type { Connection } from '../../config/connection.js';
import { GatewayClient } from '../../gateway/gateway-client.js';
import { GatewayRefusal } from '../../gateway/refusal.js';
import { browserCommand } from '../../oidc/browser.js';
import { browserFlow, deviceFlow, hasDeviceFlow } from '../../oidc/flows.js';
import { type Issuer, type OidcTokens, openIssuer, scopesFor } from '../../oidc/issuer.js';
import type { Session } from '../../session.js';

/** What a context keeps of a login, of whatever kind. */
export type LoginEntry = Required<Pick<ContextEntry, 'user' | 'token' | 'expiresAt'>> &
  Pick<ContextEntry, 'refreshToken' | 'oidcIssuer' | 'oidcClientId'>;

/** Each means that the login is at an issuer. */
export const OIDC_FLAGS = ['oidc', 'device', 'issuer', 'client-id', 'scopes', 'callback-port', 'no-browser'];

const HIGHEST_PORT = 65_535;
const WITHIN_MS = 30_000;

/** @throws CliError */
export async function loginAtIssuer(session: Session, { args, flags }: Invocation): Promise<LoginEntry> {
  if (args.length > 0)
    throw usageError('with --oidc the issuer says who you are', 'leave out the name and the password');
  const connection = await session.connection();
  const settings = await issuerOf(connection, flags);
  const issuer = await openIssuer(settings.issuer, settings.clientId);
  const { idToken, ...tokens } = await tokensFrom(issuer, session, flags);
  const user = await whoIs(connection, idToken, settings.issuer);
  return { user, token: idToken, ...tokens, oidcIssuer: settings.issuer, oidcClientId: settings.clientId };
}

async function tokensFrom(issuer: Issuer, session: Session, flags: Flags): Promise<OidcTokens> {
  const port = flags.wholeNumber('callback-port') ?? 0;
  if (port > HIGHEST_PORT) throw usageError(`--callback-port ${port}: must be at most ${HIGHEST_PORT}`);
  const byHand = flags.on('no-browser');
  const browser = byHand ? undefined : browserCommand(session.env, process.platform);
  const options = {
    scope: scopesFor(issuer, flags.text('scopes')),
    say: (line: string) => session.terminal.note(line),
  };
  const here = byHand || flags.has('callback-port') || browser !== undefined;
  if (flags.on('device') || (!here && hasDeviceFlow(issuer))) return await deviceFlow(issuer, options);
  return await browserFlow(issuer, { ...options, port, browser });
}

/** Where to log in, and as which client: what is said here before what the server says. */
async function issuerOf(connection: Connection, flags: Flags): Promise<{ issuer: string; clientId: string }> {
  const [issuer, clientId] = [flags.text('issuer'), flags.text('client-id')];
  if (issuer !== undefined && clientId !== undefined) return { issuer, clientId };
  const body = await asking(connection, undefined, '/auth/oidc');
  return { issuer: issuer ?? String(body.issuer), clientId: clientId ?? String(body.clientId) };
}

/** Whom the gateway takes the bearer of the token for. @throws CliError when it takes him for nobody */
async function whoIs(connection: Connection, token: string, issuer: string): Promise<string> {
  try {
    return String((await asking(connection, token, '/auth/whoami')).user);
  } catch (error) {
    if (!(error instanceof GatewayRefusal && error.status === 401)) throw error;
    throw new CliError({
      code: EXIT.refused,
      summary: `you are logged in at ${issuer}, but ${connection.server.origin} does not take its token`,
      hint: 'its SKYFLOW_OIDC_ISSUER, SKYFLOW_OIDC_CLIENT_ID and SKYFLOW_OIDC_USER_CLAIM say which tokens it takes',
      cause: error,
    });
  }
}

async function asking(
  { as: _as, ...connection }: Connection,
  token: string | undefined,
  path: string,
): Promise<Record<string, unknown>> {
  const settings = { userAgent: 'skyctl', timeoutMs: WITHIN_MS, warn: () => undefined };
  const client = new GatewayClient({ ...connection, token }, settings);
  try {
    return (await client.json<Record<string, unknown>>({ path })).body;
  } finally {
    client.close();
  }
}
