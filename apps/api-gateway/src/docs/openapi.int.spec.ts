import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { build } from 'esbuild';
import { type GatewayFixture, TOKEN, startGatewayFixture } from '../testing/gateway-fixture.js';

interface Operation {
  operationId?: string;
  summary?: string;
  parameters?: object[];
  requestBody?: { content: Record<string, { example?: object }> };
  responses: Record<string, object>;
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
}

const METHODS = ['get', 'put', 'post', 'patch', 'delete'];

describe('the OpenAPI document', () => {
  let nats: NatsFixture;
  let gateway: GatewayFixture;
  let document: Document;
  let folder: string;

  beforeAll(async () => {
    nats = await startNatsFixture();
    gateway = await startGatewayFixture(nats.url);
    document = JSON.parse((await gateway.request('GET', '/openapi.json')).text) as Document;
    folder = mkdtempSync(join(tmpdir(), 'skyflow-client-'));
  }, 60_000);

  afterAll(async () => {
    await gateway.stop();
    await nats.stop();
    rmSync(folder, { recursive: true });
  });

  const operations = (): (Operation & { path: string; method: string })[] =>
    Object.entries(document.paths).flatMap(([path, item]) =>
      METHODS.flatMap((method) => (item[method] === undefined ? [] : [{ ...item[method], path, method }])),
    );

  it('is valid OpenAPI 3.1', async () => {
    expect(document.openapi).toBe('3.1.0');
    const { valid, errors } = await new Validator().validate(structuredClone(document) as never);
    expect([valid, errors]).toEqual([true, undefined]);
  });

  it('refers to nothing that it does not have, and to nothing outside', () => {
    const text = JSON.stringify(document);
    for (const [, reference = ''] of text.matchAll(/"\$ref":"([^"]+)"/g)) {
      expect(reference).toMatch(/^#\//);
      const found = reference
        .slice(2)
        .split('/')
        .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document);
      expect([reference, found === undefined]).toEqual([reference, false]);
    }
  });

  it('has an operation for everything that is served, each with a name of its own, a summary and a refusal', async () => {
    const all = operations();
    expect(all.length).toBeGreaterThan(150);
    expect(new Set(all.map(({ operationId }) => operationId)).size).toBe(all.length);
    for (const { path, method, summary, responses } of all) {
      expect([path, method, summary !== undefined && summary !== '', 'default' in responses]).toEqual([
        path,
        method,
        true,
        true,
      ]);
    }
    for (const version of ['api/v1', 'apis/skyflow.io/v1', 'apis/apps/v1', 'apis/batch/v1']) {
      const { text } = await gateway.request('GET', `/${version}`);
      for (const { name, namespaced } of (JSON.parse(text) as { resources: { name: string; namespaced: boolean }[] })
        .resources) {
        const [plural = '', subresource] = name.split('/');
        const scope = namespaced ? '/namespaces/{namespace}' : '';
        const rest = subresource === undefined ? '' : `/{name}/${subresource}`;
        expect(Object.keys(document.paths)).toContain(`/${version}${scope}/${plural}${rest}`);
      }
    }
  });

  it('has an example for each body, and the gateway takes those of every kind', async () => {
    for (const name of ['mluo-onprem', 'mluo-cloud']) {
      const { status } = await gateway.request('POST', '/apis/skyflow.io/v1/clusters', { metadata: { name } });
      expect([name, status]).toEqual([name, 201]);
    }
    const bodies = operations().filter(({ requestBody }) => requestBody !== undefined);
    const without = bodies.filter(({ requestBody }) =>
      Object.values(requestBody?.content ?? {}).some(({ example }) => example === undefined),
    );
    // Nest's routes name theirs field by field.
    expect(
      without
        .map(({ path }) => path)
        .filter((path) => /^\/apis?\/(?!skyflow.io\/v1\/(move|simul|clusterplan))/.test(path)),
    ).toEqual([]);
    for (const { path, requestBody } of bodies.filter(({ operationId }) => operationId?.startsWith('create'))) {
      const example = requestBody?.content['application/json']?.example;
      const url = `${path.replace('{namespace}', 'default')}?dryRun=All&fieldValidation=Strict`;
      const { status, body } = await gateway.request('POST', url, example);
      expect([path, status, status === 201 ? '' : body.message]).toEqual([path, 201, '']);
    }
  }, 60_000);

  it('is good enough to make a client from, which creates, lists, changes, scales and deletes', async () => {
    const source = join(folder, 'openapi.json');
    writeFileSync(source, JSON.stringify(document));
    const require = createRequire(import.meta.url);
    const generator = join(dirname(require.resolve('@hey-api/openapi-ts/package.json')), 'bin', 'run.js');
    await promisify(execFile)(process.execPath, [
      ...[generator, '--input', source, '--output', join(folder, 'client')],
      ...['--client', '@hey-api/client-fetch', '--silent', '--no-log-file'],
    ]);
    const outfile = join(folder, 'client.mjs');
    const entry = `export * from './client/sdk.gen';\nexport { client } from './client/client.gen';\n`;
    writeFileSync(join(folder, 'entry.ts'), entry);
    await build({ entryPoints: [join(folder, 'entry.ts')], bundle: true, format: 'esm', platform: 'node', outfile });
    const sdk = (await import(pathToFileURL(outfile).href)) as Sdk;
    sdk.client.setConfig({ baseUrl: gateway.url, auth: () => TOKEN });

    const path = { namespace: 'default' };
    const example = operations().find(({ operationId }) => operationId === 'createJob')?.requestBody?.content[
      'application/json'
    ]?.example as object;
    const created = await sdk.createJob({ path, body: example });
    expect(created.data).toMatchObject({ kind: 'Job', metadata: { name: 'hello' }, spec: { replicas: 2 } });
    const listed = await sdk.listJob({ path, query: { limit: 1 } });
    expect(listed.data).toMatchObject({ kind: 'JobList', items: [{ metadata: { name: 'hello' } }] });
    const one = { namespace: 'default', name: 'hello' };
    const scaled = await sdk.replaceJobScale({
      path: one,
      body: { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: one, spec: { replicas: 5 } },
    });
    expect(scaled.data).toMatchObject({ kind: 'Scale', spec: { replicas: 5 } });
    const missing = await sdk.getJob({ path: { ...one, name: 'nobody' } });
    expect(missing.error).toMatchObject({ kind: 'Status', reason: 'NotFound', code: 404 });
    const deleted = await sdk.deleteJob({ path: one, query: { gracePeriodSeconds: 0 } });
    expect(deleted.error).toBeUndefined();
  }, 240_000);

  it('is read on a page that comes from this machine alone', async () => {
    const page = await fetch(`${gateway.url}/docs/index.html`);
    const html = await page.text();
    expect(html).not.toMatch(/https?:/);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'self'/);
    for (const [, file = ''] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect([file, (await fetch(`${gateway.url}/docs/${file}`)).status]).toEqual([file, 200]);
    }
  });
});

type Call = (options: { path: object; query?: object; body?: object }) => Promise<{ data?: unknown; error?: unknown }>;

/** Of the generated client, what is called here. */
interface Sdk {
  client: { setConfig(config: { baseUrl: string; auth: () => string }): void };
  createJob: Call;
  listJob: Call;
  getJob: Call;
  deleteJob: Call;
  replaceJobScale: Call;
}
