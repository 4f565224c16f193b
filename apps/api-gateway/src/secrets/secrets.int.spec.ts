/** Secrets through the real gateway and kubectl, with the log read back to see that nothing of them is in it in clear. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runKubectl } from '@skyflow/kubectl';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, TOKEN, startGatewayFixture } from '../testing/gateway-fixture.js';

const SECRETS = '/api/v1/namespaces/default/secrets';
const PASSWORD = 'correct-horse-battery-staple';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

let nats: NatsFixture;
let gateway: GatewayFixture;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skyflow-secrets-'));
  nats = await startNatsFixture();
  gateway = await startGatewayFixture(nats.url, join(directory, 'snapshots'));
});

afterAll(async () => {
  await gateway.stop();
  await nats.stop();
  await rm(directory, { recursive: true, force: true });
});

const kubectl = (...args: string[]) =>
  runKubectl(['--server', gateway.url.replace('http://', `http://admin:${TOKEN}@`), ...args]);

async function logText(): Promise<string> {
  const texts: string[] = [];
  for await (const { commit } of gateway.log.read({ to: await gateway.log.head() })) texts.push(JSON.stringify(commit));
  return texts.join('\n');
}

describe('Secrets', () => {
  it('are applied, shown, changed and deleted by kubectl, and never in the log in clear', async () => {
    const file = join(directory, 'secret.yaml');
    const manifest = (password: string): string =>
      `apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: default}\nstringData: {password: "${password}"}\n`;
    await writeFile(file, manifest(PASSWORD));
    expect((await kubectl('apply', '-f', file)).stdout).toBe('secret/db created\n');
    expect((await kubectl('get', 'secret', 'db')).stdout).toMatch(/NAME\s+TYPE\s+DATA\s+AGE\ndb\s+Opaque\s+1/);
    const { stdout } = await kubectl('get', 'secret', 'db', '-o', 'jsonpath={.data.password}');
    expect(Buffer.from(stdout, 'base64').toString()).toBe(PASSWORD);
    const version = (await gateway.request('GET', `${SECRETS}/db`)).body.metadata.resourceVersion;
    await kubectl('apply', '-f', file);
    expect((await gateway.request('GET', `${SECRETS}/db`)).body.metadata.resourceVersion).toBe(version);
    await writeFile(file, manifest('another-one'));
    expect((await kubectl('apply', '-f', file)).stdout).toBe('secret/db configured\n');
    expect((await kubectl('describe', 'secret', 'db')).stdout).toContain('password:  11 bytes');
    const log = await logText();
    expect(log).toContain('"sealed"');
    for (const value of [PASSWORD, base64(PASSWORD), 'another-one', base64('another-one')]) {
      expect(log).not.toContain(value);
    }
    expect((await kubectl('delete', 'secret', 'db')).stdout).toContain('deleted');
    expect((await gateway.request('GET', `${SECRETS}/db`)).status).toBe(404);
  });

  it('are seen in clear by a watcher, and come back in clear after a restart from a snapshot that has none', async () => {
    const before = await gateway.request('GET', SECRETS);
    const body = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'kept' }, data: { a: base64(PASSWORD) } };
    expect((await gateway.request('POST', SECRETS, body)).body).toMatchObject({ type: 'Opaque', data: body.data });
    const { resourceVersion } = before.body.metadata;
    const watched = await gateway.request(
      'GET',
      `${SECRETS}?watch=1&timeoutSeconds=1&resourceVersion=${resourceVersion}`,
    );
    expect(watched.text).toContain(base64(PASSWORD));
    await gateway.stop();
    gateway = await startGatewayFixture(nats.url, join(directory, 'snapshots'));
    expect((await gateway.request('GET', `${SECRETS}/kept`)).body).toMatchObject({ data: body.data });
    const snapshots = await readdir(join(directory, 'snapshots'));
    expect(snapshots.length).toBeGreaterThan(0);
    for (const name of snapshots) {
      const text = await readFile(join(directory, 'snapshots', name), 'utf8');
      expect([name, text.includes(base64(PASSWORD))]).toEqual([name, false]);
    }
  });

  it('that are wrong are refused without their values', async () => {
    const wrong = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'wrong' }, data: { a: `${PASSWORD}!` } };
    const answer = await gateway.request('POST', SECRETS, wrong);
    expect([answer.status, answer.body.message]).toEqual([
      422,
      expect.stringContaining('data.a: Invalid value: "<hidden>"'),
    ]);
    expect(answer.text).not.toContain(PASSWORD);
    const typed = { ...wrong, data: { a: 5, b: [PASSWORD] } };
    const other = await gateway.request('POST', SECRETS, typed);
    expect(other.status).toBeGreaterThanOrEqual(400);
    expect(other.text).not.toContain(PASSWORD);
  });
});
