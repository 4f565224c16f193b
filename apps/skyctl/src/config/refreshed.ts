/** The next token of a session, from its refresh token; kept in the configuration file for the commands after this one. */
import { GatewayClient } from '../gateway/gateway-client.js';
import { GatewayRefusal } from '../gateway/refusal.js';
import { type ContextEntry, saveContext } from './config-file.js';
import type { Connection } from './connection.js';

/** What `/auth/login` and `/auth/refresh` answer with. */
export interface SessionAnswer {
  user: string;
  token: string;
  expiresAt: string;
  refreshToken: string;
}

const WITHIN_MS = 15_000;

/** The old token when the session is over: the server says then what to do. @throws CliError when the server cannot be reached */
export async function refreshed(
  connection: Connection,
  context: ContextEntry & { refreshToken: string },
  path: string,
): Promise<string | undefined> {
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
    await saveContext(path, { ...context, token: body.token, expiresAt: body.expiresAt }, false);
    return body.token;
  } catch (error) {
    if (error instanceof GatewayRefusal && error.status === 401) return context.token;
    throw error;
  } finally {
    client.close();
  }
}
