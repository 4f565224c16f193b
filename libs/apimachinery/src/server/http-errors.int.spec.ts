/** Bad input over raw HTTP: each answer is a Status that says field, value, rule and way out; nothing is half made. */
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { StatusBody } from '../api/status-error.js';
import { widgetDefinition } from '../testing/definitions.js';
import { serveTestApi, type ServedApi } from '../testing/served-api.js';

describe('bad requests', () => {
  let api: ServedApi;
  const collection = '/apis/example.io/v1/namespaces/default/widgets';

  beforeEach(async () => {
    api = await serveTestApi();
  });
  afterEach(async () => {
    expect(api.unexpected).toEqual([]);
    const { items } = await api.server.client('test').for(widgetDefinition).list();
    expect(items).toEqual([]);
    await api.close();
  });

  const send = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ status: StatusBody; headers: Headers }> => {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(api.url + path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(text === undefined ? {} : { body: text }),
    });
    const status = (await response.json()) as StatusBody;
    expect(status).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code: response.status });
    expect(JSON.stringify(status)).not.toMatch(/\bat .*\.(ts|js):\d/);
    return { status, headers: response.headers };
  };
  const post = async (body: unknown, headers?: Record<string, string>): Promise<StatusBody> =>
    (await send('POST', collection, body, headers)).status;
  const widget = (change: object = {}): object => ({
    apiVersion: 'example.io/v1',
    kind: 'Widget',
    metadata: { name: 'a' },
    spec: { size: 'small' },
    ...change,
  });

  it.each([
    ['GET', '/apis/example.io/v1/namespaces/default/gadgets', 404, 'NotFound'],
    ['GET', '/apis/example.io/v2/widgets', 404, 'NotFound'],
    ['GET', '/nowhere', 404, 'NotFound'],
    ['GET', '/apis/example.io/v1/widgets/a', 404, 'NotFound'],
    ['GET', `${collection}/a`, 404, 'NotFound'],
    ['GET', `${collection}/a/status`, 404, 'NotFound'],
    ['GET', `${collection}/a/nonsense`, 404, 'NotFound'],
    ['GET', `${collection}/%zz`, 404, 'NotFound'],
    ['DELETE', `${collection}/a`, 404, 'NotFound'],
    ['POST', '/apis/example.io/v1/widgets', 405, 'MethodNotAllowed'],
    ['POST', `${collection}/a`, 405, 'MethodNotAllowed'],
    ['OPTIONS', collection, 405, 'MethodNotAllowed'],
    ['DELETE', '/version', 405, 'MethodNotAllowed'],
    ['GET', `${collection}?limit=x`, 400, 'BadRequest'],
    ['GET', `${collection}?labelSelector=a%3D%3D%3Db`, 400, 'BadRequest'],
    ['GET', `${collection}?labelSelector=a+in+b`, 400, 'BadRequest'],
    ['GET', `${collection}?fieldSelector=spec.size%3Dsmall`, 400, 'BadRequest'],
    ['GET', `${collection}?continue=abc`, 400, 'BadRequest'],
    ['GET', `${collection}?resourceVersion=abc`, 400, 'BadRequest'],
    ['GET', `${collection}?resourceVersionMatch=Exact`, 422, 'Invalid'],
    ['GET', `${collection}?watch=1&sendInitialEvents=true`, 422, 'Invalid'],
    ['GET', `${collection}?resourceVersion=999999`, 504, 'Timeout'],
    ['DELETE', `${collection}?propagationPolicy=Sideways`, 422, 'Invalid'],
    ['DELETE', `${collection}?dryRun=maybe`, 422, 'Invalid'],
  ])('%s %s is answered %d %s', async (method, path, code, reason) => {
    const { status, headers } = await send(method, path);
    expect(status).toMatchObject({ code, reason });
    expect(status.message).toMatch(/\w+ \w+/);
    if (code === 405) expect(headers.get('allow')).toMatch(/GET|PUT/);
  });

  it('names the selectable fields', async () => {
    const { status } = await send('GET', `${collection}?fieldSelector=spec.size%3Dsmall`);
    expect(status.message).toContain('metadata.name, metadata.namespace, spec.colour');
  });

  it('says where JSON is broken', async () => {
    const status = await post('{"apiVersion": "example.io/v1",\n "kind": }');
    expect(status).toMatchObject({ code: 400, message: expect.stringMatching(/not JSON: line 2, column 10/) });
  });

  it('says where YAML is broken', async () => {
    const yaml = 'apiVersion: example.io/v1\nkind: Widget\nmetadata:\n  name: a\n bad: [1\n';
    const status = await post(yaml, { 'content-type': 'application/yaml' });
    expect(status).toMatchObject({ code: 400, message: expect.stringMatching(/not YAML: line \d+, column \d+/) });
  });

  it('refuses several YAML documents and aliases that explode', async () => {
    const type = { 'content-type': 'application/yaml' };
    expect((await post('a: 1\n---\nb: 2\n', type)).message).toContain('2 YAML documents');
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${Array.from('bcdefghij')
      .map(
        (key, index) =>
          `${key}: &${key} [${Array.from({ length: 9 }, () => `*${'abcdefghij'.charAt(index)}`).join(',')}]`,
      )
      .join('\n')}\n`;
    expect(await post(bomb, type)).toMatchObject({ code: 400 });
  });

  it('refuses media types that it does not read', async () => {
    expect(await post('x', { 'content-type': 'text/plain' })).toMatchObject({
      code: 415,
      message: expect.stringContaining('application/json, application/yaml'),
    });
    const { status } = await send('PATCH', `${collection}/a`, {}, { 'content-type': 'application/json' });
    expect(status).toMatchObject({ code: 415, message: expect.stringContaining('application/merge-patch+json') });
    const zipped = await post('x', { 'content-encoding': 'gzip' });
    expect(zipped).toMatchObject({ code: 415, message: expect.stringContaining('uncompressed') });
    const accept = await send('GET', collection, undefined, { accept: 'text/html' });
    expect(accept.status.code).toBe(406);
  });

  it('refuses what nests too deep', async () => {
    const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
    expect(await post(deep)).toMatchObject({ code: 400, message: expect.stringContaining('nested deeper than') });
    const brackets = `a: ${'['.repeat(5_000)}${']'.repeat(5_000)}`;
    expect(await post(brackets, { 'content-type': 'application/yaml' })).toMatchObject({ code: 400 });
  });

  it.each([
    ['an empty body', '', 'the body is empty'],
    ['a list', [], 'got a list'],
    ['null', 'null', 'got null'],
    ['a string', '"text"', 'got a string'],
    ['another kind', widget({ kind: 'ConfigMap' }), '(ConfigMap) does not match the expected kind (Widget)'],
    ['another version', widget({ apiVersion: 'example.io/v9' }), '(example.io/v9) does not match'],
    ['another namespace', widget({ metadata: { name: 'a', namespace: 'b' } }), 'does not match the namespace sent'],
    ['metadata of a wrong type', widget({ metadata: 7 }), 'metadata: got number 7, must be an object'],
    [
      'a label that is no string',
      widget({ metadata: { name: 'a', labels: { n: 1 } } }),
      'metadata.labels.n: got number 1',
    ],
    [
      'a resourceVersion',
      widget({ metadata: { name: 'a', resourceVersion: '1' } }),
      'resourceVersion should not be set',
    ],
  ])('refuses to create from %s', async (_what, body, message) => {
    expect(await post(body)).toMatchObject({ code: 400, message: expect.stringContaining(message) });
  });

  it.each([
    ['no name', widget({ metadata: {} }), 'metadata.name', 'name or generateName is required'],
    ['a name that breaks DNS rules', widget({ metadata: { name: 'Not_DNS' } }), 'metadata.name', 'RFC 1123'],
    ['a name that is too long', widget({ metadata: { name: 'a'.repeat(254) } }), 'metadata.name', '253'],
    ['a path for a name', widget({ metadata: { name: '../etc' } }), 'metadata.name', 'RFC 1123'],
    ['no spec', widget({ spec: undefined }), 'spec', 'Required value'],
    ['a wrong type', widget({ spec: { size: 'small', replicas: 'two' } }), 'spec.replicas', '"two"'],
    ['a negative count', widget({ spec: { size: 'small', replicas: -1 } }), 'spec.replicas', '-1'],
    ['an unknown value', widget({ spec: { size: 'huge' } }), 'spec.size', 'supported values: "small", "large"'],
    ['a bad label', widget({ metadata: { name: 'a', labels: { 'a b': 'c' } } }), 'metadata.labels', '"a b"'],
    [
      'an owner without uid',
      widget({ metadata: { name: 'a', ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p' }] } }),
      'metadata.ownerReferences[0].uid',
      'must not be empty',
    ],
  ])('says of %s which field is wrong and why', async (_what, body, field, message) => {
    const status = await post(body);
    expect(status).toMatchObject({ code: 422, reason: 'Invalid' });
    expect(status.details?.causes).toContainEqual(
      expect.objectContaining({ field, message: expect.stringContaining(message) }),
    );
  });

  it('refuses unknown fields when asked to, with the field that was meant', async () => {
    const body = widget({ spec: { size: 'small', replicsa: 2 } });
    const { status } = await send('POST', `${collection}?fieldValidation=Strict`, body);
    expect(status.message).toContain('unknown field "spec.replicsa"; did you mean "replicas"?');
  });

  it('creates none of a list when one of it is wrong', async () => {
    const status = await post({
      kind: 'WidgetList',
      apiVersion: 'example.io/v1',
      items: [widget(), widget({ spec: {} })],
    });
    expect(status).toMatchObject({ code: 422, message: expect.stringMatching(/^items\[1\]: /) });
  });

  it('refuses a body over the limit without reading all of it', async () => {
    const status = await post(widget({ spec: { size: 'small', colour: 'x'.repeat(20_000_000) } }));
    expect(status).toMatchObject({ code: 413, message: expect.stringContaining('3145728') });
  });

  it('refuses an endless body', async () => {
    const answer = await new Promise<string>((resolve) => {
      const { port } = new URL(api.url);
      const socket = connect(Number(port), '127.0.0.1');
      let text = '';
      const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
      const pump = (): void => {
        while (!socket.destroyed && socket.write(chunk));
      };
      socket.on('drain', pump);
      socket.on('data', (data) => {
        text += data.toString();
        socket.destroy();
      });
      socket.on('close', () => resolve(text));
      socket.on('error', () => undefined);
      socket.write(
        `POST ${collection} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`,
      );
      pump();
    });
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
  });

  it('takes __proto__ in a body for data', async () => {
    expect(
      await post('{"__proto__": {"polluted": true}, "metadata": {"name": "a", "labels": {"__proto__": "x"}}}'),
    ).toMatchObject({
      code: 422,
    });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
