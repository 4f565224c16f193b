/** An OpenID issuer as skyctl talks to it: found by its discovery document, as a public client, and what it says in words. */
import type { Configuration, TokenEndpointResponse, TokenEndpointResponseHelpers } from 'openid-client';
import { CliError, usageError } from '../cli/cli-error.js';
import { EXIT } from '../cli/exit-codes.js';
import type * as protocolOf from './openid-client.js';
import { isLoopbackHost } from '../loopback-host.js';

type Answer = TokenEndpointResponse & TokenEndpointResponseHelpers;

export interface Issuer {
  protocol: typeof protocolOf;
  config: Configuration;
}

/** What a login, or a renewal of it, gives. */
export interface OidcTokens {
  idToken: string;
  /** RFC 3339; when the ID token stops being good. */
  expiresAt: string;
  /** Absent: the issuer gives none, or the one before is good for longer. */
  refreshToken?: string;
}

const WITHIN_SECONDS = 30;
/** Asked for where the issuer says that it has them; a user, his groups, and a refresh token. */
const WANTED_SCOPES = ['profile', 'email', 'groups', 'offline_access'];

/** @throws CliError when it cannot be reached, or is no issuer */
export async function openIssuer(address: string, clientId: string): Promise<Issuer> {
  const url = URL.parse(address);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw usageError(`"${address}" is not the address of an OpenID issuer`, 'write it as https://id.example.com');
  }
  const plain = url.protocol === 'http:';
  if (plain && !isLoopbackHost(url.hostname)) {
    throw usageError(
      `the OpenID issuer ${address} is plain HTTP, over which no token is asked for`,
      'give its HTTPS address',
    );
  }
  const protocol = await import('./openid-client.js');
  return await inWords(address, async () => {
    const config = await protocol.discovery(url, clientId, undefined, protocol.None(), {
      timeout: WITHIN_SECONDS,
      // Marked so that it stands out: the loopback only, as said above.
      // eslint-disable-next-line @typescript-eslint/no-deprecated
      ...(plain ? { execute: [protocol.allowInsecureRequests] } : {}),
    });
    return { protocol, config };
  });
}

/** Scopes to ask for: those given, or what is useful of what the issuer has. */
export function scopesFor({ config }: Issuer, given: string | undefined): string {
  if (given !== undefined) return given;
  const offered = config.serverMetadata().scopes_supported ?? [];
  return ['openid', ...WANTED_SCOPES.filter((scope) => offered.includes(scope))].join(' ');
}

/** @throws CliError when there is no ID token in it */
export function tokensOf(answer: Answer): OidcTokens {
  const { id_token: idToken, refresh_token: refreshToken } = answer;
  const ends = answer.claims()?.exp;
  if (idToken === undefined || ends === undefined) {
    throw new CliError({
      code: EXIT.refused,
      summary: 'the OpenID issuer gave no ID token',
      hint: 'the scope "openid" is needed, and the client must be allowed it',
    });
  }
  const expiresAt = new Date(ends * 1000).toISOString();
  return { idToken, expiresAt, ...(refreshToken === undefined ? {} : { refreshToken }) };
}

/** Runs what asks the issuer, and says what went wrong as a person reads it. @throws CliError */
export async function inWords<T>(issuer: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw error instanceof CliError ? error : explained(issuer, error as Refusal);
  }
}

/** What openid-client throws: an answer of the issuer's has `error` (RFC 6749, 5.2). */
interface Refusal extends Error {
  error?: string;
  error_description?: string;
  code?: string;
}

/** Whether the issuer takes the refresh token no more, so that only a new login helps. */
export const isOver = (error: unknown): boolean =>
  ((error as Error).cause as Refusal | undefined)?.error === 'invalid_grant';

function explained(issuer: string, cause: Refusal): CliError {
  if (cause.error !== undefined) {
    const why = cause.error_description === undefined ? cause.error : `${cause.error} (${cause.error_description})`;
    return new CliError({ code: EXIT.refused, summary: `the OpenID issuer ${issuer} refused: ${why}`, cause });
  }
  const network = cause.message === 'fetch failed' || cause.name === 'TimeoutError' || cause.code === 'OAUTH_TIMEOUT';
  const reason = network && cause.cause instanceof Error ? cause.cause.message : cause.message;
  return new CliError({
    code: network ? EXIT.unavailable : EXIT.failure,
    summary: network ? `cannot reach the OpenID issuer ${issuer}: ${reason}` : `the OpenID issuer ${issuer}: ${reason}`,
    ...(network ? { hint: 'an authority of your own for its certificate goes into NODE_EXTRA_CA_CERTS' } : {}),
    cause,
  });
}
