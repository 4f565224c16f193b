/**
 * Sessions of browsers: the token is in a cookie that no script can read, and counts only for pages of this gateway. A page of another
 * site, or of another port of this machine (which SameSite takes for the same site), is refused by what the browser says of it in
 * Sec-Fetch-Site and Origin (Fetch Metadata; OWASP, cross-site request forgery).
 */
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { StatusError } from '@skyflow/apimachinery';

type BrowserRequest = Pick<IncomingMessage, 'method' | 'headers'>;

/** Where the refresh token is sent to, and nowhere else. */
const REFRESH_PATH = '/auth/session';

/** `Bearer <token>` of the cookie of this gateway, if there is one. @throws StatusError 403 when another site's page sent it */
export function bearerOfCookie(request: BrowserRequest): string | undefined {
  const token = cookieNamed(request, SESSION);
  if (token === undefined) return undefined;
  assertSameOrigin(request);
  return `Bearer ${token}`;
}

export const refreshTokenOf = (request: BrowserRequest): string | undefined => cookieNamed(request, REFRESH);

/** @throws StatusError 403 */
export function assertSameOrigin(request: BrowserRequest): void {
  if (isSameOrigin(request)) return;
  const from = request.headers.origin ?? 'an unknown page';
  throw new StatusError(
    403,
    'Forbidden',
    `a browser's session counts only for pages of this gateway (${request.headers.host ?? ''}), not for ${from}; send a token as "Authorization: Bearer <token>"`,
  );
}

/** Whether a page of this gateway sent it, or the person himself by the address bar. */
export function isSameOrigin({ method, headers }: BrowserRequest): boolean {
  const reading = (method === 'GET' || method === 'HEAD') && headers.upgrade === undefined;
  const { 'sec-fetch-site': site, origin, host = '' } = headers;
  if (site === 'same-origin') return true;
  if (site !== undefined) return site === 'none' && reading;
  // Browsers leave Sec-Fetch-Site out over plain HTTP to other machines, but never Origin where something is written or upgraded.
  if (origin === undefined) return reading;
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}

export interface SessionCookies {
  token: string;
  /** RFC 3339; absent: until the browser is closed. */
  expiresAt?: string;
  refresh?: { token: string; expiresAt: string };
}

/** Values of Set-Cookie. */
export function setCookies(request: IncomingMessage, { token, expiresAt, refresh }: SessionCookies): string[] {
  return [
    cookieText(request, { name: SESSION, value: token, path: '/', ...(expiresAt === undefined ? {} : { expiresAt }) }),
    refresh === undefined
      ? cookieText(request, { name: REFRESH, value: '', path: REFRESH_PATH, expiresAt: LONG_AGO })
      : cookieText(request, {
          name: REFRESH,
          value: refresh.token,
          path: REFRESH_PATH,
          expiresAt: refresh.expiresAt,
        }),
  ];
}

export const clearCookies = (request: IncomingMessage): string[] => [
  cookieText(request, { name: SESSION, value: '', path: '/', expiresAt: LONG_AGO }),
  cookieText(request, { name: REFRESH, value: '', path: REFRESH_PATH, expiresAt: LONG_AGO }),
];

const LONG_AGO = '1970-01-01T00:00:00Z';

/** A cookie that no script reads; its name is made this port's. */
export interface BrowserCookie {
  name: string;
  value: string;
  path: string;
  /** RFC 3339; absent: until the browser is closed. */
  expiresAt?: string;
  /** Default Strict. */
  sameSite?: 'Lax';
}

/** The value of Set-Cookie. */
export function cookieText(request: IncomingMessage, cookie: BrowserCookie): string {
  const { name, value, path, expiresAt, sameSite = 'Strict' } = cookie;
  const expires = expiresAt === undefined ? '' : `; Expires=${new Date(expiresAt).toUTCString()}`;
  const secure = isEncrypted(request) ? '; Secure' : '';
  return `${nameHere(request, name)}=${encodeURIComponent(value)}; Path=${path}${expires}; HttpOnly; SameSite=${sameSite}${secure}`;
}

/** The value of a cookie of this port. Undefined: there is none, or it is empty. */
export function cookieNamed(request: BrowserRequest, name: string): string | undefined {
  const here = nameHere(request, name);
  const found = (request.headers.cookie ?? '').split(';').find((each) => each.trimStart().startsWith(`${here}=`));
  const value = found?.slice(found.indexOf('=') + 1).trim();
  if (value === undefined || value === '') return undefined;
  try {
    return decodeURIComponent(value);
  } catch {
    // Not one that we set.
    return undefined;
  }
}

export const isEncrypted = ({ socket }: Pick<IncomingMessage, 'socket'>): boolean => socket instanceof TLSSocket;

const SESSION = 'skyflow-session';
const REFRESH = 'skyflow-refresh';

/** Cookies know no ports: two SkyFlows on one machine must not take each other's. */
const nameHere = ({ headers: { host = '' } }: BrowserRequest, name: string): string =>
  `${name}-${/:(\d+)$/.exec(host)?.[1] ?? 'default'}`;
