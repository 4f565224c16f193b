/** Semantics over raw HTTP that kubectl does not show: conflicts, preconditions, representations, access, faults. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import type { KubeObject } from '@skyflow/contracts';
import { widgetDefinition } from '../testing/definitions.js';
import { SchemaSet } from '../schema/schema-set.js';
import { serveTestApi, type ServedApi } from '../testing/served-api.js';
import type { ApiServerOptions } from './server-options.js';

describe('the server', () => {
  let api: ServedApi;
  const collection = '/apis/example.io/v1/namespaces/default/widgets';

  const open = async (options: Partial<ApiServerOptions> = {}): Promise<void> => {
    await api.close();
    api = await serveTestApi(options);
  };
  beforeEach(async () => {
    api = await serveTestApi();
  });
  afterEach(async () => {
    await api.close();
  });

  const send = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ code: number; body: Record<string, unknown>; headers: Headers }> => {
    const response = await fetch(api.url + path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      code: response.status,
      body: (text.startsWith('{') ? JSON.parse(text) : { text }) as Record<string, unknown>,
      headers: response.headers,
    };
  };
  const widget = (name: string, spec: object = { size: 'small' }): object => ({ metadata: { name }, spec });
  const create = async (name: string, spec?: object): Promise<KubeObject> => {
    const { code, body } = await send('POST', collection, widget(name, spec));
    expect(code).toBe(201);
    return body as KubeObject;
  };

  it('fills in apiVersion and kind', async () => {
    expect(await create('a')).toMatchObject({ apiVersion: 'example.io/v1', kind: 'Widget' });
  });

  it('takes YAML and gives YAML', async () => {
    const { code, body, headers } = await send('POST', collection, 'metadata: {name: a}\nspec: {size: small}\n', {
      'content-type': 'application/yaml',
      accept: 'application/yaml',
    });
    expect(code).toBe(201);
    expect(headers.get('content-type')).toBe('application/yaml');
    expect(body.text).toContain('kind: Widget\n');
  });

  it('creates a list in one go', async () => {
    const items = Array.from({ length: 1000 }, (_, index) => widget(`w${index}`));
    const { code, body } = await send('POST', collection, { kind: 'List', apiVersion: 'v1', items });
    expect(code).toBe(201);
    expect(body).toMatchObject({ kind: 'WidgetList', metadata: { resourceVersion: '1000' } });
    expect(body.items).toHaveLength(1000);
    const listed = await send('GET', collection);
    expect(listed.body).toMatchObject({ kind: 'WidgetList', metadata: { resourceVersion: '1000' } });
    expect(new Set((listed.body.items as KubeObject[]).map(({ metadata }) => metadata.name)).size).toBe(1000);
    const again = await send('POST', collection, {
      kind: 'List',
      apiVersion: 'v1',
      items: [widget('new'), widget('w1')],
    });
    expect(again.code).toBe(409);
    expect((await send('GET', `${collection}/new`)).code).toBe(404);
  });

  it('refuses an update from an older version', async () => {
    const created = await create('a');
    expect((await send('PUT', `${collection}/a`, { ...created, spec: { size: 'large' } })).code).toBe(200);
    const stale = await send('PUT', `${collection}/a`, { ...created, spec: { size: 'small', colour: 'x' } });
    expect(stale).toMatchObject({ code: 409, body: { reason: 'Conflict' } });
    const patch = { metadata: { resourceVersion: created.metadata.resourceVersion }, spec: { colour: 'x' } };
    const type = { 'content-type': 'application/merge-patch+json' };
    expect((await send('PATCH', `${collection}/a`, patch, type)).code).toBe(409);
  });

  it('lets a hundred concurrent patches all win', async () => {
    await create('a');
    const type = { 'content-type': 'application/merge-patch+json' };
    const codes = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const patch = { metadata: { annotations: { [`n${index}`]: 'x' } } };
        return (await send('PATCH', `${collection}/a`, patch, type)).code;
      }),
    );
    expect(new Set(codes)).toEqual(new Set([200]));
    const { body } = await send('GET', `${collection}/a`);
    expect(Object.keys((body as KubeObject).metadata.annotations ?? {})).toHaveLength(100);
  });

  it('honours preconditions of a delete, answers with what was deleted', async () => {
    const { metadata } = await create('a');
    const other = { preconditions: { uid: 'another' } };
    expect(await send('DELETE', `${collection}/a`, other)).toMatchObject({ code: 409, body: { reason: 'Conflict' } });
    const { code, body } = await send('DELETE', `${collection}/a`, { preconditions: { uid: metadata.uid } });
    expect(code).toBe(200);
    expect(body).toMatchObject({ status: 'Success', details: { name: 'a', kind: 'widgets', uid: metadata.uid } });
  });

  it('marks a foreground delete for the garbage collector', async () => {
    await create('a');
    const { body } = await send('DELETE', `${collection}/a`, { propagationPolicy: 'Foreground' });
    expect((body as KubeObject).metadata).toMatchObject({
      finalizers: ['foregroundDeletion'],
      deletionTimestamp: expect.stringMatching(/Z$/),
    });
  });

  it('gives only metadata when asked to', async () => {
    await create('a');
    const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
    const { body } = await send('GET', collection, undefined, { accept });
    expect(body).toMatchObject({ kind: 'PartialObjectMetadataList', items: [{ kind: 'PartialObjectMetadata' }] });
    expect((body.items as object[])[0]).not.toHaveProperty('spec');
  });

  it('gives tables with whole objects, or none', async () => {
    await create('a');
    const accept = 'application/json;as=Table;g=meta.k8s.io;v=v1';
    const rows = async (include: string): Promise<unknown> =>
      (await send('GET', `${collection}?includeObject=${include}`, undefined, { accept })).body.rows;
    expect(await rows('Object')).toMatchObject([
      { cells: ['a', 'small', '0s', ''], object: { spec: { size: 'small' } } },
    ]);
    expect(await rows('None')).toEqual([{ cells: ['a', 'small', '0s', ''] }]);
  });

  it('answers HEAD like GET without a body', async () => {
    const { code, body, headers } = await send('HEAD', collection);
    expect(code).toBe(200);
    expect(body.text).toBe('');
    expect(Number(headers.get('content-length'))).toBeGreaterThan(0);
  });

  it('serves the scale subresource', async () => {
    await create('a', { size: 'small', replicas: 2 });
    const scale = await send('GET', `${collection}/a/scale`);
    expect(scale.body).toMatchObject({ kind: 'Scale', apiVersion: 'autoscaling/v1', spec: { replicas: 2 } });
    expect((await send('PUT', `${collection}/a/scale`, { ...scale.body, spec: { replicas: 5 } })).code).toBe(200);
    expect((await send('PUT', `${collection}/a/scale`, { ...scale.body, spec: { replicas: 6 } })).code).toBe(409);
    const wrong = await send('PUT', `${collection}/a/scale`, { kind: 'Scale', spec: { replicas: -1 } });
    expect(wrong).toMatchObject({ code: 422, body: { details: { causes: [{ field: 'spec.replicas' }] } } });
  });

  it('serves discovery, plain and aggregated, and OpenAPI', async () => {
    expect((await send('GET', '/apis/example.io/v1')).body).toMatchObject({ groupVersion: 'example.io/v1' });
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    const { body, headers } = await send('GET', '/apis', undefined, { accept });
    expect(headers.get('content-type')).toBe(accept);
    expect(body).toMatchObject({ kind: 'APIGroupDiscoveryList', items: [{ metadata: { name: 'example.io' } }] });
    const { paths } = (await send('GET', '/openapi/v3')).body as {
      paths: Record<string, { serverRelativeURL: string }>;
    };
    const document = await send('GET', paths['apis/example.io/v1']?.serverRelativeURL ?? '');
    expect(document.body).toMatchObject({ components: { schemas: { 'io.example.v1.Widget': { type: 'object' } } } });
    // kubectl asks so, to learn that a kind which nobody serves is not in it.
    const protobuf = { accept: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf' };
    const asked = await send('GET', '/openapi/v2', undefined, protobuf);
    expect([asked.code, asked.headers.get('content-type')]).toEqual([
      200,
      'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
    ]);
    expect((await send('GET', '/openapi/v3', undefined, protobuf)).code).toBe(406);
    expect((await send('GET', '/openapi/v2')).body).toMatchObject({ swagger: '2.0' });
  });

  it('takes descriptions for OpenAPI from a set of its own', async () => {
    const described = { 'io.example.v1.Widget': { type: 'object', description: 'Described.' } } as const;
    await open({ openApiSchemas: () => new SchemaSet(described) });
    const { body } = await send('GET', '/openapi/v3/apis/example.io/v1');
    expect(body).toMatchObject({ components: { schemas: { 'io.example.v1.Widget': { description: 'Described.' } } } });
  });

  it('is healthy while its checks pass', async () => {
    let broken = false;
    await open({
      health: {
        readyz: {
          log: () => {
            if (broken) throw new Error('the log is away');
          },
        },
      },
    });
    expect(await send('GET', '/readyz')).toMatchObject({ code: 200, body: { text: 'ok' } });
    broken = true;
    const { code, body } = await send('GET', '/readyz');
    expect(code).toBe(500);
    expect(body.text).toContain('[-]log failed: the log is away');
    expect((await send('GET', '/livez')).code).toBe(200);
  });

  it('knows who asks and whether he may', async () => {
    await open({
      authenticate: ({ headers }) => (headers.authorization === 'Bearer t' ? { name: 'ann', groups: [] } : undefined),
      authorize: ({ verb }) => (verb === 'list' ? { allowed: true } : { allowed: false, reason: 'readers only' }),
    });
    expect(await send('GET', collection)).toMatchObject({ code: 401, body: { reason: 'Unauthorized' } });
    const headers = { authorization: 'Bearer t' };
    expect((await send('GET', collection, undefined, headers)).code).toBe(200);
    const refused = await send('POST', collection, widget('a'), headers);
    expect(refused).toMatchObject({
      code: 403,
      body: {
        reason: 'Forbidden',
        message:
          'widgets.example.io is forbidden: User "ann" cannot create resource "widgets" in API group "example.io" in the namespace "default": readers only',
      },
    });
    expect((await send('GET', '/readyz')).code).toBe(200);
  });

  it('shows an unexpected error as a request id only, and reports it', async () => {
    await open({
      admission: [
        () => {
          throw new TypeError('a secret detail');
        },
      ],
    });
    const { code, body, headers } = await send('POST', collection, widget('a'));
    expect(code).toBe(500);
    expect(body).toMatchObject({
      reason: 'InternalError',
      message: expect.stringContaining(headers.get('audit-id') ?? '-'),
    });
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(api.unexpected).toMatchObject([{ message: 'a secret detail' }]);
  });

  it('can be made slow, wrong or silent for tests', async () => {
    let drop = false;
    await open({
      faults: ({ verb }) => {
        if (drop) return { drop: true };
        return verb === 'create' ? { delayMs: 30, status: { code: 503, message: 'out of order' } } : undefined;
      },
    });
    const startedMs = performance.now();
    expect((await send('POST', collection, widget('a'))).code).toBe(503);
    expect(performance.now() - startedMs).toBeGreaterThan(25);
    expect((await send('GET', collection)).code).toBe(200);
    drop = true;
    await expect(send('GET', collection)).rejects.toThrow('fetch failed');
  });

  it('goes by the request id of the client, if it is a sane one', async () => {
    const id = async (given: string): Promise<string | null> =>
      (await send('GET', collection, undefined, { 'x-request-id': given })).headers.get('audit-id');
    expect(await id('my-id.7')).toBe('my-id.7');
    expect(await id('<script>')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('hands a subresource to its connect handler', async () => {
    const connect = {
      log: {
        methods: ['GET'],
        handle: async ({ key, rest, response }: { key: { name: string }; rest?: string; response: ServerResponse }) => {
          response.end(`log of ${key.name} ${rest ?? ''}`);
          return Promise.resolve();
        },
      },
    };
    await open({ definitions: [{ ...widgetDefinition, connect }] });
    expect((await send('GET', `${collection}/a/log?tailLines=1`)).body.text).toBe('log of a ');
    expect((await send('GET', `${collection}/a/log/x/y`)).body.text).toBe('log of a x/y');
    expect((await send('POST', `${collection}/a/log`)).code).toBe(405);
  });
});
