/**
 * Signing a browser in at an OpenID issuer: authorization code with PKCE (RFC 7636), done by the gateway, so that no script of the page ever
 * sees a token. What ties the issuer's answer to the browser that asked (state, nonce, verifier) is in a cookie of ten minutes that no
 * script reads; it is sent along when the issuer leads back, hence SameSite=Lax, and to nothing but these routes.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { decodeJwt } from 'jose';
import { z } from 'zod';
import { type BrowserCookie, cookieNamed, cookieText, isEncrypted } from './browser-cookies.js';
import { ISSUER_WITHIN_MS, discoverIssuer } from './oidc-discovery.js';

export interface OidcClient {
  issuer: string;
  clientId: string;
  /** Absent: a public client. */
  clientSecret?: string;
}

/** Why nobody was signed in; the page has words for each. */
export type OidcProblem = 'refused' | 'expired' | 'unreachable' | 'unknown';

export class OidcSignInError extends Error {
  override readonly name = 'OidcSignInError';
  constructor(
    readonly problem: OidcProblem,
    /** For the log of the gateway. */
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const PATH = '/auth/oidc';
const CALLBACK_PATH = `${PATH}/callback`;
const LIFE_MS = 10 * 60_000;
const COOKIE = 'skyflow-oidc';
/** Browsers drop longer ones without a word. */
const LONGEST_TOKEN = 3_600;

const attemptSchema = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), to: z.string() });
type Attempt = z.infer<typeof attemptSchema>;

const answerSchema = z.object({ code: z.string(), state: z.string(), error: z.string(), iss: z.string() }).partial();

/** What of an issuer's answer counts (RFC 6749, 4.1.2; RFC 9207). */
export type IssuerAnswer = z.infer<typeof answerSchema>;

/** A query that is none of an issuer is an answer without anything. */
export const issuerAnswer = (query: unknown): IssuerAnswer => answerSchema.safeParse(query).data ?? {};

/** Where the browser is sent, and the cookie that it brings back. @throws OidcSignInError */
export async function beginSignIn(
  client: OidcClient,
  request: IncomingMessage,
  to: string,
): Promise<{ location: string; cookie: string }> {
  const { authorization_endpoint: endpoint } = await documentOf(client);
  if (endpoint === undefined)
    throw new OidcSignInError('unreachable', `${client.issuer} names no authorization_endpoint`);
  const attempt: Attempt = { state: secret(), nonce: secret(), verifier: secret(), to: consolePath(to) };
  const location = new URL(endpoint);
  const query = {
    client_id: client.clientId,
    response_type: 'code',
    scope: 'openid profile email',
    redirect_uri: callbackOf(request),
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: createHash('sha256').update(attempt.verifier).digest('base64url'),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(query)) location.searchParams.set(name, value);
  const value = Buffer.from(JSON.stringify(attempt)).toString('base64url');
  return { location: location.href, cookie: cookieText(request, own(value, Date.now() + LIFE_MS)) };
}

/** The ID token that the issuer gives for its answer, and where the person wanted to go. @throws OidcSignInError */
export async function finishSignIn(
  client: OidcClient,
  request: IncomingMessage,
  answer: IssuerAnswer,
): Promise<{ token: string; to: string }> {
  const attempt = attemptOf(request);
  if (attempt === undefined || !same(attempt.state, answer.state ?? ''))
    throw new OidcSignInError('expired', 'the answer of the issuer is not for this browser, or came too late');
  if (answer.iss !== undefined && answer.iss !== client.issuer)
    throw new OidcSignInError('unknown', `the answer is of another issuer: ${JSON.stringify(answer.iss)}`);
  if (answer.error !== undefined || answer.code === undefined)
    throw new OidcSignInError('refused', `the issuer says ${JSON.stringify(answer.error ?? 'nothing')}`);
  const token = await exchange(client, request, answer.code, attempt.verifier);
  if (nonceOf(token) !== attempt.nonce)
    throw new OidcSignInError('unknown', 'the token of the issuer is not for this sign-in (nonce)');
  if (token.length > LONGEST_TOKEN)
    throw new OidcSignInError(
      'unknown',
      `the ID token has ${token.length} characters, a cookie holds ${LONGEST_TOKEN}; have the issuer send fewer claims`,
    );
  return { token, to: attempt.to };
}

/** Takes the cookie of the attempt back. */
export const endedCookie = (request: IncomingMessage): string => cookieText(request, own('', 0));

const own = (value: string, expiresMs: number): BrowserCookie => ({
  name: COOKIE,
  value,
  path: PATH,
  expiresAt: new Date(expiresMs).toISOString(),
  sameSite: 'Lax',
});

const secret = (): string => randomBytes(32).toString('base64url');

const same = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));

/** Nowhere else: a link must not use the sign-in to lead to another site. */
const consolePath = (to: string): string => (/^\/console\/[^\\]*$/.test(to) && !to.includes('//') ? to : '/console/');

const callbackOf = (request: IncomingMessage): string =>
  `${isEncrypted(request) ? 'https' : 'http'}://${request.headers.host ?? ''}${CALLBACK_PATH}`;

function attemptOf(request: IncomingMessage): Attempt | undefined {
  try {
    const text = Buffer.from(cookieNamed(request, COOKIE) ?? '', 'base64url').toString('utf8');
    return attemptSchema.parse(JSON.parse(text));
  } catch {
    // None, or not one of ours.
    return undefined;
  }
}

function nonceOf(token: string): unknown {
  try {
    return decodeJwt(token)['nonce'];
  } catch {
    return undefined;
  }
}

const tokensSchema = z.object({ id_token: z.string() });

async function exchange(client: OidcClient, request: IncomingMessage, code: string, verifier: string): Promise<string> {
  const { clientId, clientSecret, issuer } = client;
  const { token_endpoint: endpoint } = await documentOf(client);
  if (endpoint === undefined) throw new OidcSignInError('unreachable', `${issuer} names no token_endpoint`);
  const encoded = [clientId, clientSecret ?? ''].map(encodeURIComponent).join(':');
  const response = await reached(() =>
    fetch(endpoint, {
      method: 'POST',
      signal: AbortSignal.timeout(ISSUER_WITHIN_MS),
      ...(clientSecret === undefined
        ? {}
        : { headers: { authorization: `Basic ${Buffer.from(encoded).toString('base64')}` } }),
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: callbackOf(request),
        code_verifier: verifier,
        ...(clientSecret === undefined ? { client_id: clientId } : {}),
      }),
    }),
  );
  const text = await response.text();
  if (!response.ok)
    throw new OidcSignInError('refused', `${endpoint} answered ${response.status}: ${text.slice(0, 200)}`);
  const parsed = tokensSchema.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data.id_token;
  throw new OidcSignInError('unknown', `${endpoint} gave no id_token`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const documentOf = ({ issuer }: OidcClient): ReturnType<typeof discoverIssuer> => reached(() => discoverIssuer(issuer));

async function reached<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const message = `the OpenID issuer cannot be asked: ${(error as Error).message}`;
    throw new OidcSignInError('unreachable', message, { cause: error });
  }
}
