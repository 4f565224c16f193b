import { gunzipSync } from 'node:zlib';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { ConsoleFiles } from './console-files.js';
import { type GatewayFixture, JOBS, TOKEN, jobNamed, startGatewayFixture } from '../testing/gateway-fixture.js';

/** Before charts. */
const LARGEST_BUNDLE_BYTES = 200 * 1024;
const LINK = /^\/console\/#link=(skyl_\S+)$/;

let nats: NatsFixture;
let gateway: GatewayFixture;

beforeAll(async () => {
  nats = await startNatsFixture();
  gateway = await startGatewayFixture(nats.url);
});

afterAll(async () => {
  await gateway.stop();
  await nats.stop();
});

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  bytes: Buffer;
  body: Record<string, unknown>;
}

/** A request as a browser sends it: no token, its own cookies. */
function browse(method: string, path: string, headers: Record<string, string> = {}, body?: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(`${gateway.url}${path}`, {
      method,
      headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
    });
    sent.on('error', reject).on('response', (response) => {
      const chunks: Buffer[] = [];
      response
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', () => {
          const bytes = Buffer.concat(chunks);
          const json = String(response.headers['content-type']).includes('json') && bytes.length > 0;
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            bytes,
            body: json ? (JSON.parse(bytes.toString()) as Record<string, unknown>) : {},
          });
        });
    });
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const own = (): Record<string, string> => ({ origin: gateway.url, 'sec-fetch-site': 'same-origin' });
const cookiesOf = ({ headers }: Answer): string[] => (headers['set-cookie'] ?? []) as string[];
const cookieHeader = (answer: Answer): Record<string, string> => ({
  cookie: cookiesOf(answer)
    .map((each) => each.split(';', 1)[0])
    .join('; '),
});
const signIn = (body: object, headers = own()): Promise<Answer> => browse('POST', '/auth/session', headers, body);

async function newUser(user: string, roles: string[]): Promise<void> {
  const invite = (await gateway.request('POST', '/auth/invites', { roles })).body as unknown as { invite: string };
  await browse('POST', '/auth/register', {}, { user, password: 'correct horse', invite: invite.invite });
}

describe('/console', () => {
  it('is a page whose policy allows nothing but its own files, which are small', async () => {
    const moved = await browse('GET', '/console');
    expect([moved.status, moved.headers.location]).toEqual([302, '/console/']);
    const page = await browse('GET', '/console/');
    expect(page.status).toBe(200);
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).not.toContain('unsafe');
    const html = page.bytes.toString();
    expect(html).not.toMatch(/<script(?![^>]*src=)|<style|\son\w+=|https?:/);
    const names = [...html.matchAll(/(?:src|href)="(\/console\/assets\/[^"]+)"/g)].map(([, name = '']) => name);
    expect(names.length).toBeGreaterThanOrEqual(2);
    const files = await Promise.all(names.map((name) => browse('GET', name, { 'accept-encoding': 'gzip, br' })));
    for (const { status, headers } of files) {
      expect([status, headers['content-encoding'], headers['x-content-type-options']]).toEqual([
        200,
        'gzip',
        'nosniff',
      ]);
      expect(headers['cache-control']).toContain('immutable');
    }
    const total = files.reduce((sum, { bytes }) => sum + bytes.length, page.bytes.length);
    expect(total).toBeLessThan(LARGEST_BUNDLE_BYTES);
    const plain = await browse('GET', names[0] ?? '');
    expect(gunzipSync(files[0]?.bytes ?? '').equals(plain.bytes)).toBe(true);
    const again = await browse('GET', '/console/', { 'if-none-match': String(page.headers.etag) });
    expect([again.status, again.bytes.length]).toEqual([304, 0]);
  });

  it('answers with the page for its views, and with 404 for files that are not there', async () => {
    expect((await browse('GET', '/console/workloads/default/jobs/a')).headers['content-type']).toContain('text/html');
    for (const path of ['/console/assets/none.js', '/console/../package.json', '/console/%2e%2e/package.json'])
      expect([path, (await browse('GET', path)).status]).not.toEqual([path, 200]);
  });
});

describe('a gateway without a built console', () => {
  it.each([undefined, '/nowhere'])('in %s says what to do', (folder) => {
    expect(() => new ConsoleFiles(() => folder).find('')).toThrow(/not built: run "npx nx build @skyflow\/console"/);
  });
});

describe('a browser', () => {
  it('signs in with a password, in cookies that no script sees, refreshes, signs out', async () => {
    await newUser('ada', ['reader-role']);
    const signedIn = await signIn({ user: 'ada', password: 'correct horse' });
    expect([signedIn.status, signedIn.body.user, signedIn.body.token]).toEqual([200, 'ada', undefined]);
    const { port } = new URL(gateway.url);
    const [session = '', refresh = ''] = cookiesOf(signedIn);
    expect(session).toMatch(
      new RegExp(`^skyflow-session-${port}=sky_\\S+; Path=/; Expires=.*; HttpOnly; SameSite=Strict$`),
    );
    expect(refresh).toMatch(
      new RegExp(`^skyflow-refresh-${port}=skyr_\\S+; Path=/auth/session; .*; HttpOnly; SameSite=Strict$`),
    );
    const cookie = cookieHeader(signedIn);
    expect((await browse('GET', JOBS, cookie)).status).toBe(200);
    expect((await browse('GET', '/auth/whoami', cookie)).body).toMatchObject({ user: 'ada', roles: ['reader-role'] });
    expect((await browse('POST', JOBS, { ...cookie, ...own() }, jobNamed('x'))).status).toBe(403);
    const refreshed = await browse('POST', '/auth/session/refresh', { ...cookie, ...own() });
    expect([refreshed.status, refreshed.body.user]).toEqual([200, 'ada']);
    const next = cookieHeader(refreshed);
    expect(next.cookie).not.toBe(cookie.cookie);
    const out = await browse('DELETE', '/auth/session', { ...next, ...own() });
    expect(out.status).toBe(200);
    for (const each of cookiesOf(out)) expect(each).toContain('Expires=Thu, 01 Jan 1970');
    for (const each of [cookie, next]) expect((await browse('GET', JOBS, each)).status).toBe(401);
    expect((await browse('POST', '/auth/session/refresh', { ...next, ...own() })).status).toBe(401);
    expect((await browse('DELETE', '/auth/session', own())).status).toBe(200);
  });

  it('signs in with a token, which stays as good as it is', async () => {
    const answer = await signIn({ token: TOKEN });
    expect([answer.status, answer.body]).toEqual([200, { user: 'admin' }]);
    const cookie = cookieHeader(answer);
    expect((await browse('POST', JOBS, { ...cookie, ...own() }, jobNamed('by-cookie'))).status).toBe(201);
    expect((await signIn({ token: 'wrong' })).status).toBe(401);
  });

  it.each([
    [{}, 'in one way'],
    [{ token: TOKEN, link: 'x' }, 'in one way'],
    [{ user: 'ada' }, 'belong together'],
    [{ pass: 'x' }, 'pass: '],
  ])('is told how when it says %j', async (body, text) => {
    const answer = await signIn(body);
    expect(answer.status).toBe(400);
    expect(answer.body.message).toContain(text);
  });

  it('is refused what pages of other places make it send', async () => {
    const cookie = cookieHeader(await signIn({ token: TOKEN }));
    const other = { origin: 'http://127.0.0.1:1' };
    const job = jobNamed('forged');
    expect((await browse('POST', JOBS, { ...cookie, ...other }, job)).status).toBe(403);
    expect((await browse('POST', JOBS, { ...cookie, 'sec-fetch-site': 'same-site' }, job)).status).toBe(403);
    expect((await browse('GET', '/status', { ...cookie, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await browse('DELETE', '/auth/session', { ...cookie, ...other })).status).toBe(403);
    const forced = await signIn({ token: TOKEN }, { ...own(), ...other, 'sec-fetch-site': 'cross-site' });
    expect([forced.status, cookiesOf(forced)]).toEqual([403, []]);
    expect((await gateway.request('GET', `${JOBS}/forged`)).status).toBe(404);
  });
});

describe('a sign-in link', () => {
  const linkOf = async (headers: Record<string, string> = {}): Promise<string> => {
    const { status, body } = await gateway.request('POST', '/auth/links', {}, headers);
    const { path = '' } = body as unknown as { path?: string };
    expect([status, path]).toEqual([201, expect.stringMatching(LINK)]);
    return LINK.exec(path)?.[1] ?? '';
  };

  it('signs one browser in, once, as who made it', async () => {
    const link = await linkOf();
    const answers = await Promise.all([signIn({ link }), signIn({ link })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403]);
    const [winner] = answers.filter(({ status }) => status === 200);
    const cookie = winner === undefined ? {} : cookieHeader(winner);
    expect((await browse('GET', '/auth/whoami', cookie)).body).toMatchObject({
      user: 'admin',
      groups: ['system:masters', 'system:authenticated'],
    });
    expect((await browse('POST', '/auth/session/refresh', { ...cookie, ...own() })).status).toBe(200);
    expect((await signIn({ link })).body.message).toContain('links work once');
    // Only its hash is kept, and it is no token.
    const log = await gateway.request('GET', '/log');
    expect(log.text).not.toContain(link.split('_').slice(2).join('_'));
    const second = await linkOf();
    expect((await gateway.request('GET', JOBS, undefined, { authorization: `Bearer ${second}` })).status).toBe(401);
  });

  it('of a user is worth what the user is, and nothing once the user is gone', async () => {
    await newUser('bea', ['reader-role']);
    const login = (await browse('POST', '/auth/login', {}, { user: 'bea', password: 'correct horse' })).body;
    const bearer = { authorization: `Bearer ${String(login.token)}` };
    const [used, unused] = [await linkOf(bearer), await linkOf(bearer)];
    const cookie = cookieHeader(await signIn({ link: used }));
    expect((await browse('GET', '/auth/whoami', cookie)).body).toMatchObject({ user: 'bea', roles: ['reader-role'] });
    await gateway.request('DELETE', '/apis/skyflow.io/v1/users/bea');
    expect((await browse('GET', '/auth/whoami', cookie)).status).toBe(401);
    expect((await signIn({ link: unused })).status).toBe(403);
  });

  it('is not made for another', async () => {
    await newUser('cyd', []);
    const { status, body } = await gateway.request('POST', '/auth/links', {}, { 'impersonate-user': 'cyd' });
    expect([status, body.message]).toEqual([400, expect.stringContaining('a link is for yourself')]);
    expect((await browse('POST', '/auth/links', own())).status).toBe(401);
  });
});
