/** rke by a download: its hash is known beforehand, and nothing else is ever run. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ProvisionError } from '../../provision-error.js';
import { findRke } from './rke-binary.js';

const PROGRAM = '#!/bin/sh\necho rke version v1.5.12\n';
const SHA256 = createHash('sha256').update(PROGRAM).digest('hex');
const path = process.env.PATH;

describe('rke that is nowhere', () => {
  let server: Server;
  let url = '';
  let folder = '';
  let asked = 0;

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked++;
      response.statusCode = request.url === '/rke' ? 200 : 404;
      response.end(PROGRAM);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    url = `http://127.0.0.1:${String(typeof address === 'object' ? address?.port : '')}`;
  });
  afterAll(() => void server.close());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'skyflow-rke-download-'));
    asked = 0;
    process.env.PATH = '/nowhere';
  });
  afterEach(() => {
    process.env.PATH = path;
    rmSync(folder, { recursive: true, force: true });
  });

  const find = (from: string, sha256: string | undefined): Promise<string> =>
    findRke({ path: undefined, url: `${url}${from}`, sha256, folder: join(folder, 'bin') });

  it('is downloaded once it is wanted, by several clusters at a time, and kept', async () => {
    const [one, two] = await Promise.all([find('/rke', SHA256), find('/rke', SHA256.toUpperCase())]);
    expect(one).toBe(two);
    expect(readFileSync(one, 'utf8')).toBe(PROGRAM);
    const before = asked;
    expect(await find('/rke', SHA256)).toBe(one);
    expect(asked).toBe(before);
    expect(readdirSync(join(folder, 'bin'))).toEqual([`rke-${SHA256.slice(0, 16)}`]);
  });

  it.each([
    ['another hash', '/rke', 'f'.repeat(64), 'config', /gave has the SHA-256 [0-9a-f]{64}, not f{64}$/],
    ['no such file', '/none', SHA256, 'network', /cannot be downloaded from \S+: 404 /],
    ['no hash', '/rke', undefined, 'config', /is not on the machine of the provisioner/],
  ])('is not run with %s', async (_how, from, sha256, kind, message) => {
    const error: unknown = await find(from, sha256).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProvisionError);
    expect((error as ProvisionError).failure).toMatchObject({ class: kind, message: expect.stringMatching(message) });
    expect((error as ProvisionError).failure.advice).toContain('SKYFLOW_RKE_SHA256');
  });
});
