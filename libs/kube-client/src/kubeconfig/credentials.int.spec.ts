/** Credentials that are rotated on disk, with a server that asks for client certificates; and the older OIDC provider. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KubeClient } from '../client/kube-client.js';
import { connectionOf } from './connection.js';
import { parseKubeConfig } from './kube-config.js';

let directory: string;
let server: Server;
let port: number;

/** A certificate of that name, and its key, by openssl. */
async function certificate(name: string): Promise<void> {
  const at = (suffix: string): string => join(directory, `${name}.${suffix}`);
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await promisify(execFile)('openssl', ['req', '-x509', ...key, '-keyout', at('key'), '-out', at('crt'), ...subject]);
}
const text = (name: string): Promise<string> => readFile(join(directory, name), 'utf8');

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skyflow-credentials-'));
  await Promise.all(['server', 'first', 'second'].map(certificate));
  server = createServer(
    {
      key: await text('server.key'),
      cert: await text('server.crt'),
      ca: [await text('first.crt'), await text('second.crt')],
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate() as { subject?: { CN: string } };
      const refused = request.headers.authorization === 'Bearer old';
      response.writeHead(refused ? 401 : 200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({ gitVersion: `${subject?.CN ?? ''} ${request.headers.authorization ?? ''}`.trim() }),
      );
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true, force: true });
});

async function clientOf(user: object): Promise<KubeClient> {
  const cluster = { server: `https://127.0.0.1:${String(port)}`, 'certificate-authority': 'server.crt' };
  const config = {
    'current-context': 'c',
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  };
  const context = (await parseKubeConfig(JSON.stringify(config), join(directory, 'kubeconfig'))).context();
  return new KubeClient(await connectionOf(context));
}

const replace = async (from: string, to: string): Promise<void> => {
  await writeFile(join(directory, `${to}.tmp`), await text(from));
  await rename(join(directory, `${to}.tmp`), join(directory, to));
};

describe('credentials in files', () => {
  it('are read again when the API refuses them: a token, and the client certificate beside it', async () => {
    await Promise.all([replace('first.crt', 'client.crt'), replace('first.key', 'client.key')]);
    await writeFile(join(directory, 'token'), 'young');
    const client = await clientOf({
      'client-certificate': 'client.crt',
      'client-key': 'client.key',
      tokenFile: 'token',
    });
    expect((await client.version()).gitVersion).toBe('first Bearer young');
    await writeFile(join(directory, 'token'), 'younger');
    await Promise.all([replace('second.crt', 'client.crt'), replace('second.key', 'client.key')]);
    // Fresh ones are not read again.
    expect((await client.version()).gitVersion).toBe('first Bearer young');
    client.close();
    await writeFile(join(directory, 'token'), 'old');
    const refused = await clientOf({
      'client-certificate': 'client.crt',
      'client-key': 'client.key',
      tokenFile: 'token',
    });
    await expect(refused.version()).rejects.toMatchObject({ code: 401 });
    await writeFile(join(directory, 'token'), 'new');
    expect((await refused.version()).gitVersion).toBe('second Bearer new');
    // A certificate whose key has not come yet is not used.
    await replace('first.crt', 'client.crt');
    await writeFile(join(directory, 'token'), 'old');
    expect((await refused.version()).gitVersion).toBe('second Bearer new');
    refused.close();
  });

  it('that do not belong together, or are not there, are told at once', async () => {
    await Promise.all([replace('first.crt', 'odd.crt'), replace('second.key', 'odd.key')]);
    await expect(clientOf({ 'client-certificate': 'odd.crt', 'client-key': 'odd.key' })).rejects.toThrow(/mismatch/i);
    await expect(clientOf({ 'client-certificate': 'none.crt' })).rejects.toThrow(
      'none.crt, which the kubeconfig refers to, cannot be read',
    );
  });
});

describe('the OIDC provider of older kubeconfigs', () => {
  const part = (content: object): string => Buffer.from(JSON.stringify(content)).toString('base64url');

  it('gives its id token while that is valid', async () => {
    const token = `${part({ alg: 'none' })}.${part({ exp: Math.floor(Date.now() / 1000) + 3_600 })}.`;
    const config = {
      'id-token': token,
      'client-id': 'c',
      'idp-issuer-url': 'https://127.0.0.1:1',
      'refresh-token': 'r',
    };
    const client = await clientOf({ 'auth-provider': { name: 'oidc', config } });
    expect((await client.version()).gitVersion).toContain(`Bearer ${token}`);
    client.close();
  });

  it('says so where it has none and where it cannot renew one', async () => {
    const config = { 'client-id': 'c', 'idp-issuer-url': 'https://127.0.0.1:1' };
    const none = await clientOf({ 'auth-provider': { name: 'oidc', config } });
    await expect(none.version()).rejects.toThrow('in context "c" gave neither a token nor a certificate; log in');
    none.close();
    const expired = `${part({ alg: 'none' })}.${part({ exp: 1 })}.`;
    const renewing = { ...config, 'id-token': expired, 'refresh-token': 'r' };
    const late = await clientOf({ 'auth-provider': { name: 'oidc', config: renewing } });
    await expect(late.version()).rejects.toThrow('the credentials plugin of user in context "c" failed');
    late.close();
  });
});
