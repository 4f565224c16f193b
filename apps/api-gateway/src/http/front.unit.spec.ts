import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import type { ApiServer } from '@skyflow/apimachinery';
import { type FrontOptions, front } from './front.js';
import { Authenticator } from './tokens.js';

interface Seen {
  by: 'machinery' | 'nest' | 'front';
  url?: string | undefined;
  status?: number;
  warning?: unknown;
}

/** Who gets a request. */
function ask(url: string, more: { method?: string; token?: string; options?: Partial<FrontOptions> } = {}): Seen {
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
      tokens: new Authenticator('t'),
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
    `${JOB}/status`,
    '/openapi/v3',
    '/version',
    '/readyz',
    '/livez/ping',
  ])('hands %s to the API machinery, which asks for the token itself', (path) => {
    expect(ask(path, { token: 'wrong' }).by).toBe('machinery');
  });

  it.each(['/status', '/metrics', `${JOB}/log?follow=1`, `${JOB}/pods`, `${JOB}/explain`, '/apiary', '/unknown'])(
    'hands %s to Nest, with the token only',
    (path) => {
      expect(ask(path)).toMatchObject({ by: 'nest', url: path });
      expect(ask(path, { token: 'wrong' })).toMatchObject({ by: 'front', status: 401 });
    },
  );

  it.each(['/docs', '/docs/index.html', '/openapi.json'])('shows %s to everyone', (path) => {
    expect(ask(path, { token: 'wrong' }).by).toBe('nest');
  });

  it('makes SkyFlow’s kinds strict about unknown fields unless the client says otherwise', () => {
    const jobs = '/apis/skyflow.io/v1/namespaces/default/jobs';
    expect(ask(jobs, { method: 'POST' }).url).toBe(`${jobs}?fieldValidation=Strict`);
    expect(ask(`${jobs}?dryRun=All`, { method: 'POST' }).url).toBe(`${jobs}?dryRun=All&fieldValidation=Strict`);
    expect(ask(`${jobs}?fieldValidation=Ignore`, { method: 'POST' }).url).toBe(`${jobs}?fieldValidation=Ignore`);
    expect(ask(jobs).url).toBe(jobs);
    expect(ask('/apis/apps/v1/x', { method: 'POST' }).url).toBe('/apis/apps/v1/x');
  });

  it('serves nothing but health before the log is folded', () => {
    const options = { starting: () => 'folding the log' };
    expect(ask(JOB, { options })).toMatchObject({ by: 'front', status: 503 });
    expect(ask('/status', { options })).toMatchObject({ by: 'front', status: 503 });
    expect(ask('/readyz', { options }).by).toBe('machinery');
  });

  it('warns when what it serves may be old', () => {
    const options = { staleness: () => 'the log cannot be reached' };
    expect(ask(JOB, { options })).toMatchObject({ by: 'machinery', warning: '299 - "the log cannot be reached"' });
  });
});
