/** Client certificates over real TLS, and ID tokens of a real OpenID provider on this machine. */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Authority, issueCertificate } from '@skyflow/certificates';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, TOKEN, startGatewayFixture } from '../testing/gateway-fixture.js';
import { startOpenIdProvider } from '../testing/openid-provider.js';

const DAY_MS = 86_400_000;
let nats: NatsFixture;
let directory: string;

beforeAll(async () => {
  nats = await startNatsFixture();
  directory = await mkdtemp(join(tmpdir(), 'skyflow-proofs-'));
});
afterAll(async () => {
  await nats.stop();
  await rm(directory, { recursive: true, force: true });
});

const make = (
  commonName: string,
  use: 'authority' | 'server' | 'client',
  ca?: Authority,
  more: object = {},
): Authority =>
  issueCertificate(
    { subject: { commonName, ...more }, hosts: ['127.0.0.1'], use, lifeMs: DAY_MS, nowMs: Date.now() },
    ca,
  );

describe('TLS alone', () => {
  const ca = make('ca', 'authority');
  const server = make('gateway', 'server', ca);
  let gateway: GatewayFixture;
  let port: number;

  beforeAll(async () => {
    const file = async (name: string, text: string): Promise<string> => {
      await writeFile(join(directory, name), text);
      return join(directory, name);
    };
    gateway = await startGatewayFixture(nats.url, undefined, {
      SKYFLOW_TLS_ONLY: 'true',
      SKYFLOW_TLS_CERT_FILE: await file('server.crt', server.certificate),
      SKYFLOW_TLS_KEY_FILE: await file('server.key', server.privateKey),
      SKYFLOW_CLIENT_CA_FILE: await file('ca.crt', ca.certificate),
    });
    port = Number(new URL(gateway.url).port);
  });
  afterAll(() => gateway.stop());

  const ask = (client: { cert?: string; key?: string; token?: string }) =>
    new Promise<{ status: number; headers: Record<string, unknown>; body: Record<string, unknown> }>(
      (resolve, reject) => {
        const { token, cert, key } = client;
        const outgoing = request(
          {
            host: '127.0.0.1',
            port,
            path: '/auth/whoami',
            ca: ca.certificate,
            ...(cert === undefined ? {} : { cert, key }),
            headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
            agent: false,
          },
          (response) => {
            let text = '';
            response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
            response.on('end', () =>
              resolve({
                status: response.statusCode ?? 0,
                headers: response.headers,
                body: JSON.parse(text) as Record<string, unknown>,
              }),
            );
          },
        );
        outgoing.on('error', reject).end();
      },
    );

  it('lets whoever has a certificate of the authority in, as it says', async () => {
    const jo = make('jo', 'client', ca, { organizations: ['devs'] });
    const { status, body } = await ask({ cert: jo.certificate, key: jo.privateKey });
    expect([status, body]).toMatchObject([200, { user: 'jo', groups: ['devs', 'system:authenticated'] }]);
  });

  it('and nobody with another, unless he has a token', async () => {
    const stranger = make('admin', 'client', make('ca', 'authority'), { organizations: ['system:masters'] });
    const { certificate: cert, privateKey: key } = stranger;
    expect((await ask({ cert, key })).status).toBe(401);
    expect((await ask({})).status).toBe(401);
    expect((await ask({ cert, key, token: TOKEN })).body).toMatchObject({ user: 'admin' });
  });

  it('tells browsers to be strict, and lets no other site in', async () => {
    const { headers } = await ask({ token: TOKEN });
    expect(headers).toMatchObject({
      'strict-transport-security': 'max-age=31536000',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    });
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });

  it('does not speak HTTP', async () => {
    await expect(fetch(`http://127.0.0.1:${String(port)}/livez`)).rejects.toThrow();
  });
});

describe('OpenID Connect', () => {
  let provider: Awaited<ReturnType<typeof startOpenIdProvider>>;
  let gateway: GatewayFixture;
  const whoami = async (token: string) =>
    await gateway.request('GET', '/auth/whoami', undefined, { authorization: `Bearer ${token}` });

  beforeAll(async () => {
    provider = await startOpenIdProvider({ jo: ['devs'] });
    gateway = await startGatewayFixture(nats.url, undefined, {
      SKYFLOW_OIDC_ISSUER: provider.issuer,
      SKYFLOW_OIDC_CLIENT_ID: 'skyflow',
    });
  }, 30_000);
  afterAll(async () => {
    await gateway.stop();
    await provider.stop();
  });

  it('lets in whom the provider knows, under a name that is nobody else’s, with what his groups are given', async () => {
    const token = await provider.login('jo', 'skyflow');
    expect(await whoami(token)).toMatchObject({
      status: 200,
      body: { user: 'oidc:jo', groups: ['oidc:devs', 'system:authenticated'], roles: [] },
    });
    const binding = {
      metadata: { name: 'devs' },
      roleRef: { name: 'reader-role' },
      subjects: [{ kind: 'Group', name: 'oidc:devs' }],
    };
    expect((await gateway.request('POST', '/apis/skyflow.io/v1/rolebindings', binding)).status).toBe(201);
    expect((await whoami(token)).body).toMatchObject({ roles: ['reader-role'] });
  });

  it('keeps out tokens for others, changed ones, and those of other issuers', async () => {
    const token = await provider.login('jo', 'skyflow');
    const [head = '', body = '', signature = ''] = token.split('.');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object;
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const wrong = [
      await provider.login('jo', 'another'),
      `${head}.${encode({ ...claims, sub: 'admin' })}.${signature}`,
      `${encode({ alg: 'none' })}.${body}.`,
      `${head}.${encode({ ...claims, exp: 1 })}.${signature}`,
      `${head}.${body}.`,
    ];
    for (const each of wrong) expect((await whoami(each)).status).toBe(401);
    expect((await whoami(token)).status).toBe(200);
  });
});

describe('an issuer that is away', () => {
  let silent: Server;
  let gateway: GatewayFixture;
  beforeAll(async () => {
    silent = createServer((_request, response) => response.writeHead(500).end());
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    gateway = await startGatewayFixture(nats.url, undefined, {
      SKYFLOW_OIDC_ISSUER: `http://127.0.0.1:${String((silent.address() as AddressInfo).port)}`,
      SKYFLOW_OIDC_CLIENT_ID: 'skyflow',
    });
  });
  afterAll(async () => {
    await gateway.stop();
    silent.close();
  });

  it('keeps nobody out who has another proof', async () => {
    const headers = { authorization: 'Bearer a.b.c' };
    expect((await gateway.request('GET', '/auth/whoami', undefined, headers)).status).toBe(401);
    expect((await gateway.request('GET', '/auth/whoami')).status).toBe(200);
  });
});
