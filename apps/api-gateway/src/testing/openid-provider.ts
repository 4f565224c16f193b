/** A real OpenID provider (oidc-provider) on a free port, and a browser's way through its login. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Browser } from './browser.js';

export interface OpenIdProvider {
  issuer: string;
  /** An ID token of the user for a client, by the authorization code flow. */
  login(user: string, client: string): Promise<string>;
  /**
   * Opens an address of the provider as a browser and logs in as the user, or refuses.
   * @returns where the provider sends the browser in the end: an address of the client, or a page of its own.
   */
  browse(address: string, user: string, answer?: 'agree' | 'refuse'): Promise<string>;
  stop(): Promise<void>;
}

/** Of native applications: on the loopback any port is good (RFC 8252). */
const CALLBACK = 'http://127.0.0.1/callback';
const CONSOLE_CALLBACK = 'http://127.0.0.1/auth/oidc/callback';

/** @param users groups by name. */
export async function startOpenIdProvider(users: Readonly<Record<string, string[]>>): Promise<OpenIdProvider> {
  const { Provider } = await import('oidc-provider');
  const server: Server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const provider = new Provider(issuer, {
    clients: ['skyflow', 'another'].map((id) => ({
      client_id: id,
      token_endpoint_auth_method: 'none',
      redirect_uris: [CALLBACK, CONSOLE_CALLBACK],
      response_types: ['code'],
      grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
      application_type: 'native',
    })),
    features: { deviceFlow: { enabled: true }, revocation: { enabled: true } },
    conformIdTokenClaims: false,
    claims: { openid: ['sub', 'groups'] },
    findAccount: (_context: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, groups: users[id] ?? [] }),
    }),
  });
  const handle = provider.callback();
  server.on('request', (request, response) => void handle(request, response));
  return {
    issuer,
    login: (user, client) => login(issuer, user, client),
    browse,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function login(issuer: string, user: string, client: string): Promise<string> {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: client,
    response_type: 'code',
    scope: 'openid',
    redirect_uri: CALLBACK,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const end = await browse(`${issuer}/auth?${query.toString()}`, user);
  const code = new URL(end).searchParams.get('code') ?? '';
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: client,
      code,
      redirect_uri: CALLBACK,
      code_verifier: verifier,
    }),
  });
  const { id_token: token } = (await response.json()) as { id_token?: string };
  if (token === undefined) throw new Error(`the provider gave no token: ${String(response.status)}, at ${end}`);
  return token;
}

const MOST_STEPS = 24;

/** Fills in the provider's pages one after the other: a device's code, who, whether he agrees. */
async function browse(address: string, user: string, answer: 'agree' | 'refuse' = 'agree'): Promise<string> {
  const { origin } = new URL(address);
  const browser = new Browser();
  let url = address;
  let page = await browser.get(url);
  for (let step = 0; step < MOST_STEPS; step++) {
    if (page.location !== undefined) {
      url = new URL(page.location, url).href;
      // An address of the client is for the client to open.
      if (new URL(url).origin !== origin) return url;
      page = await browser.get(url);
      continue;
    }
    const abort = answer === 'refuse' ? /href="([^"]+\/abort)"/.exec(page.text)?.[1] : undefined;
    const form: Record<string, string> | undefined = abort === undefined ? formOf(page.text, user, answer) : {};
    if (form === undefined) return url;
    const isLast = form.abort !== undefined;
    url = new URL(abort ?? /<form[^>]* action="([^"]+)"/.exec(page.text)?.[1] ?? '', url).href;
    page = await (abort === undefined ? browser.post(url, form) : browser.get(url));
    if (isLast) return url;
  }
  throw new Error(`the provider has no end of pages, now at ${url}`);
}

/** What a person enters on a page of the provider; undefined: it asks nothing. */
function formOf(page: string, user: string, answer: string): Record<string, string> | undefined {
  if (!page.includes('<form')) return undefined;
  const inputs = page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g);
  const { confirm, ...hidden } = Object.fromEntries(Array.from(inputs, ([, name = '', value = '']) => [name, value]));
  if (page.includes('name="login"')) return { ...hidden, login: user, password: 'any' };
  if (confirm === undefined) return hidden;
  return { ...hidden, ...(answer === 'refuse' ? { abort: 'yes' } : { confirm }) };
}
