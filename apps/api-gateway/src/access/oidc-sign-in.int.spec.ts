/** Browsers that sign in at a real OpenID provider on this machine. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, startGatewayFixture } from '../testing/gateway-fixture.js';
import { type OpenIdProvider, startOpenIdProvider } from '../testing/openid-provider.js';

let nats: NatsFixture;
let provider: OpenIdProvider;
let gateway: GatewayFixture;

beforeAll(async () => {
  [nats, provider] = await Promise.all([startNatsFixture(), startOpenIdProvider({ jo: ['dev'] })]);
  gateway = await startGatewayFixture(nats.url, undefined, {
    SKYFLOW_OIDC_ISSUER: provider.issuer,
    SKYFLOW_OIDC_CLIENT_ID: 'skyflow',
  });
});
afterAll(async () => {
  await gateway.stop();
  await Promise.all([nats.stop(), provider.stop()]);
});

interface Step {
  status: number;
  location: string;
  cookies: string[];
}

async function open(url: string, cookie = ''): Promise<Step> {
  const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
  return {
    status: response.status,
    location: response.headers.get('location') ?? '',
    cookies: response.headers.getSetCookie(),
  };
}

const begin = (to = ''): Promise<Step> =>
  open(`${gateway.url}/auth/oidc/login${to === '' ? '' : `?${new URLSearchParams({ to }).toString()}`}`);
const cookieOf = ({ cookies }: Step): string => cookies.map((each) => each.split(';', 1)[0]).join('; ');

describe('a browser that signs in at the issuer', () => {
  it('comes back signed in, with a token that no script reads, where it wanted to go', async () => {
    const begun = await begin('/console/workloads?x=1');
    expect(begun.status).toBe(302);
    const asked = new URL(begun.location);
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      client_id: 'skyflow',
      response_type: 'code',
      code_challenge_method: 'S256',
      redirect_uri: `${gateway.url}/auth/oidc/callback`,
    });
    expect(begun.cookies).toEqual([
      expect.stringMatching(/^skyflow-oidc-\d+=\S+; Path=\/auth\/oidc; Expires=.*; HttpOnly; SameSite=Lax$/),
    ]);
    const answered = await provider.browse(begun.location, 'jo');
    const done = await open(answered, cookieOf(begun));
    expect([done.status, done.location]).toEqual([302, '/console/workloads?x=1']);
    const [session = '', ...others] = done.cookies;
    expect(session).toMatch(/^skyflow-session-\d+=\S+; Path=\/; HttpOnly; SameSite=Strict$/);
    for (const each of others) expect(each).toContain('Expires=Thu, 01 Jan 1970');
    const headers = { cookie: session.split(';', 1)[0] ?? '' };
    const whoami = (await (await fetch(`${gateway.url}/auth/whoami`, { headers })).json()) as object;
    expect(whoami).toMatchObject({ user: 'oidc:jo', groups: expect.arrayContaining(['oidc:dev']) as unknown });
    // A code is good once.
    expect((await open(answered, cookieOf(begun))).location).toBe('/console/#oidc=refused');
  });

  it.each([
    ['another site', 'https://example.org/', '/console/'],
    ['another site in disguise', '/console//example.org', '/console/'],
    ['another site by backslashes', '/console/\\example.org', '/console/'],
    ['an API', '/auth/whoami', '/console/'],
  ])('is not led to %s', async (_what, to, location) => {
    const begun = await begin(to);
    const done = await open(await provider.browse(begun.location, 'jo'), cookieOf(begun));
    expect(done.location).toBe(location);
  });

  it('is told why not when it refuses, is another browser, or brings another state', async () => {
    const begun = await begin();
    const refused = await open(await provider.browse(begun.location, 'jo', 'refuse'), cookieOf(begun));
    expect(refused).toMatchObject({ status: 302, location: '/console/#oidc=refused', cookies: [] });
    const answered = await provider.browse((await begin()).location, 'jo');
    for (const cookie of ['', cookieOf(begun), 'skyflow-oidc=x'])
      expect(await open(answered, cookie)).toMatchObject({ location: '/console/#oidc=expired', cookies: [] });
    expect((await open(`${gateway.url}/auth/oidc/callback?code=a&code=b`)).location).toBe('/console/#oidc=expired');
    const state = new URL(begun.location).searchParams.get('state') ?? '';
    const mixed = `${gateway.url}/auth/oidc/callback?code=x&state=${state}&iss=${encodeURIComponent('http://other')}`;
    expect((await open(mixed, cookieOf(begun))).location).toBe('/console/#oidc=unknown');
  });
});

describe('a gateway whose issuer', () => {
  it('is silent says so; without one there is nothing to sign in at', async () => {
    const lonely = await startGatewayFixture(nats.url, undefined, {
      SKYFLOW_OIDC_ISSUER: 'http://127.0.0.1:9',
      SKYFLOW_OIDC_CLIENT_ID: 'skyflow',
    });
    expect((await open(`${lonely.url}/auth/oidc/login`)).location).toBe('/console/#oidc=unreachable');
    await lonely.stop();
    const plain = await startGatewayFixture(nats.url);
    for (const path of ['', '/login', '/callback'])
      expect((await open(`${plain.url}/auth/oidc${path}`)).status).toBe(404);
    await plain.stop();
  });
});
