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
  more: { method?: string; token?: string; options?: Partial<FrontOptions> } = {},
): Promise<Seen> {
  const { method = 'GET', token = 't', options = {} } = more;
  let seen: Seen = { by: 'front' };
  const headers: Record<string, unknown> = {};
  const response = {
    headersSent: false,
    destroyed: false,
    setHeader: (name: string, value: unknown) => (headers[name] = value),
    writeHead: (status: number) => (seen = { by: 'front', status }),
    end: () => undefined,
  } as unknown as ServerResponse;
  const api = { handle: (request: IncomingMessage) => void (seen = { by: 'machinery', url: request.url }) };
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
  return { ...seen, ...(headers.warning === undefined ? {} : { warning: headers.warning }) };
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

  it('warns when what it serves may be old', async () => {
    const options = { staleness: () => 'the log cannot be reached' };
    expect(await ask(JOB, { options })).toMatchObject({
      by: 'machinery',
      warning: '299 - "the log cannot be reached"',
    });
  });
});
