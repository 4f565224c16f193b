import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { type ApiServer, StatusError } from '@skyflow/apimachinery';
import { type FrontOptions, front } from './front.js';

interface Seen {
  by: 'machinery' | 'nest' | 'front';
  url?: string | undefined;
  status?: number;
  warning?: unknown;
}

/** Who gets a request. */
async function ask(
  url: string,
  more: { method?: string; token?: string; options?: Partial<FrontOptions>; warns?: boolean } = {},
): Promise<Seen> {
  const { method = 'GET', token = 't', options = {}, warns = false } = more;
  let seen: Seen | undefined;
  const headers: Record<string, unknown> = {};
  const response = {
    headersSent: false,
    destroyed: false,
    setHeader: (name: string, value: unknown) => (headers[name] = value),
    writeHead: (status: number, more: Record<string, unknown> = {}) => {
      Object.assign(headers, more);
      seen ??= { by: 'front', status };
    },
    end: () => undefined,
  } as unknown as ServerResponse;
  const api = {
    handle: (request: IncomingMessage, answer: ServerResponse): void => {
      seen = { by: 'machinery', url: request.url };
      answer.writeHead(200, warns ? { warning: '299 - "use v2"' } : {});
    },
  };
  const handler = front(
    {
      api: api as unknown as ApiServer,
      strict: false,
      gatekeeper: {
        admitStranger: () => undefined,
        admit: ({ headers }) =>
          headers.authorization === 'Bearer t'
            ? Promise.resolve({ name: 'jo', groups: [] })
            : Promise.reject(new StatusError(401, 'Unauthorized', 'who are you?')),
      },
      staleness: () => undefined,
      starting: () => undefined,
      ...options,
    },
    (request) => (seen = { by: 'nest', url: request.url }),
  );
  handler(
    { url, method, headers: { authorization: `Bearer ${token}` }, complete: true } as unknown as IncomingMessage,
    response,
  );
  await new Promise((resolve) => setImmediate(resolve));
  return { by: 'front', ...seen, ...(headers.warning === undefined ? {} : { warning: headers.warning }) };
}

const JOB = '/apis/skyflow.io/v1/namespaces/default/jobs/x';

describe('the front', () => {
  it.each([
    '/',
    '/api',
    '/api/v1/pods',
    '/apis',
    '/apis/apps/v1',
    JOB,
    '/apis/skyflow.io/v1/namespaces/history',
    '/apis/skyflow.io/v1/namespaces/default/jobs/history',
    `${JOB}/status`,
    '/openapi/v3',
    '/version',
    '/readyz',
    '/livez/ping',
  ])('hands %s to the API machinery, which asks for the token itself', async (path) => {
    expect((await ask(path, { token: 'wrong' })).by).toBe('machinery');
  });

  it.each([
    '/status',
    '/metrics',
    `${JOB}/log?follow=1`,
    `${JOB}/pods`,
    `${JOB}/explain`,
    `${JOB}/revisions`,
    `${JOB}/history`,
    '/apis/skyflow.io/v1/namespaces/team-a/history',
    '/apiary',
    '/unknown',
    '/auth/tokens',
  ])('hands %s to Nest, with the token only', async (path) => {
    expect(await ask(path)).toMatchObject({ by: 'nest', url: path });
    expect(await ask(path, { token: 'wrong' })).toMatchObject({ by: 'front', status: 401 });
  });

  it.each(['/docs', '/docs/index.html', '/openapi.json', '/auth/login', '/auth/refresh', '/auth/register'])(
    'shows %s to everyone',
    async (path) => {
      expect((await ask(path, { token: 'wrong' })).by).toBe('nest');
    },
  );

  it('makes SkyFlow’s kinds strict about unknown fields unless the client says otherwise', async () => {
    const jobs = '/apis/skyflow.io/v1/namespaces/default/jobs';
    expect((await ask(jobs, { method: 'POST' })).url).toBe(`${jobs}?fieldValidation=Strict`);
    expect((await ask(`${jobs}?dryRun=All`, { method: 'POST' })).url).toBe(`${jobs}?dryRun=All&fieldValidation=Strict`);
    expect((await ask(`${jobs}?fieldValidation=Ignore`, { method: 'POST' })).url).toBe(
      `${jobs}?fieldValidation=Ignore`,
    );
    expect((await ask(jobs)).url).toBe(jobs);
    expect((await ask('/apis/apps/v1/x', { method: 'POST' })).url).toBe('/apis/apps/v1/x');
  });

  it('serves nothing but health before the log is folded', async () => {
    const options = { starting: () => 'folding the log' };
    expect(await ask(JOB, { options })).toMatchObject({ by: 'front', status: 503 });
    expect(await ask('/status', { options })).toMatchObject({ by: 'front', status: 503 });
    expect((await ask('/readyz', { options })).by).toBe('machinery');
  });

  it('warns when what it serves may be old, besides what else there is to be warned of', async () => {
    const options = { staleness: () => 'the log cannot be reached' };
    const old = '299 - "the log cannot be reached"';
    expect(await ask(JOB, { options })).toMatchObject({ by: 'machinery', warning: [old] });
    expect((await ask(JOB, { options, warns: true })).warning).toEqual([old, '299 - "use v2"']);
    expect((await ask(JOB, { warns: true })).warning).toBe('299 - "use v2"');
    expect((await ask(JOB)).warning).toBeUndefined();
  });
});
