/** A real OpenID provider (oidc-provider) on a free port, and a browser's way through its login. */
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface OpenIdProvider {
  issuer: string;
  /** An ID token of the user for a client, by the authorization code flow. */
  login(user: string, client: string): Promise<string>;
  stop(): Promise<void>;
}

const CALLBACK = 'http://127.0.0.1/callback';
const SECRET = 'a-secret-of-the-test';

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
      client_secret: SECRET,
      redirect_uris: [CALLBACK],
      response_types: ['code'],
      grant_types: ['authorization_code'],
      application_type: 'native',
    })),
    pkce: { required: () => false },
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
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function login(issuer: string, user: string, client: string): Promise<string> {
  const browser = new Browser();
  const query = new URLSearchParams({
    client_id: client,
    response_type: 'code',
    scope: 'openid',
    redirect_uri: CALLBACK,
  });
  let url = `${issuer}/auth?${query.toString()}`;
  for (let step = 0; step < 12 && !url.startsWith(CALLBACK); step++) {
    const page = await browser.get(url);
    if (page.location !== undefined) url = new URL(page.location, url).href;
    // The provider's own page: first it asks who, then whether he agrees.
    else {
      const form = page.text.includes('name="login"')
        ? { prompt: 'login', login: user, password: 'any' }
        : { prompt: 'consent' };
      const action = /action="([^"]+)"/.exec(page.text)?.[1] ?? url;
      const answer = await browser.post(new URL(action, url).href, form);
      url = new URL(answer.location ?? '', url).href;
    }
  }
  const code = new URL(url).searchParams.get('code') ?? '';
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${client}:${SECRET}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: CALLBACK }),
  });
  const { id_token: token } = (await response.json()) as { id_token?: string };
  if (token === undefined) throw new Error(`the provider gave no token: ${String(response.status)}, at ${url}`);
  return token;
}

/** Keeps cookies and follows nothing by itself. */
class Browser {
  private readonly cookies = new Map<string, string>();

  get(url: string): Promise<{ location?: string; text: string }> {
    return this.send(url, {});
  }

  post(url: string, form: Record<string, string>): Promise<{ location?: string; text: string }> {
    return this.send(url, { method: 'POST', body: new URLSearchParams(form) });
  }

  private async send(url: string, init: RequestInit): Promise<{ location?: string; text: string }> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { cookie } });
    for (const header of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(header) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    const location = response.headers.get('location');
    return { ...(location === null ? {} : { location }), text: await response.text() };
  }
}
