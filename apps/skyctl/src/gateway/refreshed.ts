/** The next token of a session, from its refresh token; kept in the configuration file for the commands after this one. */
import { GatewayClient } from './gateway-client.js';
import { GatewayRefusal } from './refusal.js';
import { type ContextEntry, saveContext } from '../config/config-file.js';
import type { Connection } from '../config/connection.js';
import { isOidc, renewed } from '../oidc/renew.js';

/** What `/auth/login` and `/auth/refresh` answer with. */
export interface SessionAnswer {
  user: string;
  token: string;
  expiresAt: string;
  refreshToken: string;
}

const WITHIN_MS = 15_000;

/** The connection with a fresh token; as it is when the session is over: the server says then what to do. @throws CliError when the server cannot be reached */
export async function refreshed(
  connection: Connection,
  context: ContextEntry & { refreshToken: string },
  path: string,
): Promise<Connection> {
  if (isOidc(context)) {
    const next = await renewed(context, path);
    return { ...connection, token: next.token, context: next };
  }
  const { token: _token, as: _as, ...open } = connection;
  const client = new GatewayClient(
    { ...open, token: undefined },
    { userAgent: 'skyctl', timeoutMs: WITHIN_MS, warn: () => undefined },
  );
  try {
    const { body } = await client.json<SessionAnswer>({
      method: 'POST',
      path: '/auth/refresh',
      body: { refreshToken: context.refreshToken },
    });
    const next = { ...context, token: body.token, expiresAt: body.expiresAt };
    await saveContext(path, next, false);
    return { ...connection, token: body.token, context: next };
  } catch (error) {
    if (error instanceof GatewayRefusal && error.status === 401) return connection;
    throw error;
  } finally {
    client.close();
  }
}
