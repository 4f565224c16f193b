/** The control API over its socket. */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger } from '@skyflow/service';
import { Site } from '../testing/bed.js';
import { serveControl } from './control-server.js';

describe('the control API', () => {
  const site = new Site('a');
  let folder: string;
  let server: Server;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gateway-'));
    server = await serveControl({
      gateway: site.gateway,
      path: join(folder, 'control'),
      logger: createLogger('test', 'a', 'fatal'),
    });
  });
  afterAll(async () => {
    server.close();
    await site.gateway.close();
    await rm(folder, { recursive: true });
  });

  const ask = (method: string, path: string, body?: unknown): Promise<{ code: number | undefined; body: unknown }> =>
    new Promise((resolve, reject) => {
      const outgoing = request({ socketPath: join(folder, 'control'), method, path, agent: false }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve({ code: response.statusCode, body: JSON.parse(text) as unknown }));
      });
      outgoing.on('error', reject);
      outgoing.end(typeof body === 'string' ? body : JSON.stringify(body));
    });

  it('takes a configuration and tells what came of it', async () => {
    const listener = await site.listen('b', 'web', 'p1');
    const put = await ask('PUT', '/v1/config', site.config);
    expect(put).toMatchObject({ code: 200, body: { cluster: 'a', peers: [], failed: [] } });
    expect(await ask('GET', '/v1/status')).toMatchObject({ code: 200, body: { cluster: 'a' } });
    expect(await ask('POST', '/v1/probe', { address: listener.address, port: listener.port })).toMatchObject({
      code: 200,
      body: { verdict: 'NO_PATH', message: 'b is no peer of this cluster' },
    });
  });

  it('refuses what is none, in words, and goes on with what it had', async () => {
    const wrong = await ask('PUT', '/v1/config', { ...site.config, listeners: [{ address: 'x', port: 70_000 }] });
    expect(wrong.code).toBe(422);
    expect((wrong.body as { message: string }).message).toContain('listeners[0].port');
    expect(await ask('PUT', '/v1/config', '{')).toMatchObject({ code: 400 });
    expect((await ask('DELETE', '/v1/config')).code).toBe(404);
    expect(await ask('GET', '/v1/status')).toMatchObject({ code: 200, body: { cluster: 'a' } });
  });

  it('is for its own user alone', async () => {
    expect((await stat(join(folder, 'control'))).mode & 0o777).toBe(0o600);
  });
});
