import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveNatsServer, type ResolveOptions } from './resolve-nats-server.js';
import { testNatsServer } from './testing/index.js';
import { PINNED_VERSION } from './versions.js';

/** `<os>-<arch>` as releases name this machine. */
const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
const withGo = await needing('go');

describe('resolveNatsServer on this machine', () => {
  let dir: string;
  let binary: string;
  const resolve = (options: ResolveOptions) => {
    const { PATH: _, SKYFLOW_NATS_SERVER: __, ...env } = process.env;
    return resolveNatsServer({
      cacheDir: join(dir, 'cache'),
      ...options,
      surroundings: { env, ...options.surroundings },
    });
  };

  beforeEach(async () => {
    binary = (await testNatsServer()).path;
    dir = mkdtempSync(join(tmpdir(), 'skyflow-resolve-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('uses a given path', async () => {
    const found = await resolve({ explicitPath: binary });
    expect(found).toEqual({ path: binary, version: expect.stringMatching(/^2\.\d+\.\d+$/), source: 'given' });
  });

  it('finds one on PATH behind one that is too old', async () => {
    for (const name of ['old', 'new']) mkdirSync(join(dir, name));
    writeFileSync(join(dir, 'old', 'nats-server'), '#!/bin/sh\necho "nats-server: v2.9.0"\n', { mode: 0o755 });
    symlinkSync(binary, join(dir, 'new', 'nats-server'));
    const found = await resolve({ surroundings: { env: { PATH: `${join(dir, 'old')}:${join(dir, 'new')}` } } });
    expect(found).toMatchObject({ path: join(dir, 'new', 'nats-server'), source: 'path' });
  });

  it('finds one in the cache', async () => {
    const cached = join(dir, 'cache', `nats-server-${PINNED_VERSION}`, 'nats-server');
    mkdirSync(join(cached, '..'), { recursive: true });
    copyFileSync(binary, cached);
    expect(await resolve({})).toMatchObject({ path: cached, source: 'cache' });
  });

  describe('from a release server', () => {
    /** Packs the binary as releases are packed and serves it. */
    const withReleases = async (test: (baseUrl: string, hash: string) => Promise<void>): Promise<void> => {
      const name = `nats-server-v${PINNED_VERSION}-${platform}`;
      mkdirSync(join(dir, 'release', name), { recursive: true });
      copyFileSync(binary, join(dir, 'release', name, 'nats-server'));
      execFileSync('tar', ['-czf', join(dir, 'archive.tar.gz'), '-C', join(dir, 'release'), name]);
      const archive = readFileSync(join(dir, 'archive.tar.gz'));
      const server = createServer((request, response) => {
        const known = request.url === `/v${PINNED_VERSION}/${name}.tar.gz`;
        response.writeHead(known ? 200 : 404).end(known ? archive : '');
      });
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
      try {
        const { port } = server.address() as AddressInfo;
        await test(`http://127.0.0.1:${port}`, createHash('sha256').update(archive).digest('hex'));
      } finally {
        server.close();
      }
    };

    it('downloads, checks and keeps it', async () => {
      await withReleases(async (baseUrl, hash) => {
        const lines: string[] = [];
        const options: ResolveOptions = {
          releases: { baseUrl, hashes: { [platform]: hash } },
          report: (line) => lines.push(line),
        };
        const found = await resolve(options);
        expect(found.source).toBe('download');
        expect(found.path.startsWith(join(dir, 'cache'))).toBe(true);
        expect(lines).toContainEqual(expect.stringMatching(/^downloading http:/));
        expect(await resolve(options)).toMatchObject({ path: found.path, source: 'cache' });
        expect(readdirSync(join(dir, 'cache'))).toEqual([`nats-server-${PINNED_VERSION}`]);
      });
    });

    it('refuses bytes that do not have the pinned hash, and keeps nothing of them', async () => {
      await withReleases(async (baseUrl) => {
        const releases = { baseUrl, hashes: { [platform]: '0'.repeat(64) } };
        const resolving = resolve({ releases, allow: ['cache', 'download'] });
        await expect(resolving).rejects.toThrow(
          /has SHA-256 [0-9a-f]{64}, expected 0{64}: it was changed on the way; not used/,
        );
        expect(existsSync(join(dir, 'cache'))).toBe(false);
      });
    });
  });

  withGo.it(
    'builds it with Go',
    async () => {
      const found = await resolve({ allow: ['go'] });
      expect(found).toMatchObject({ version: PINNED_VERSION, source: 'go' });
      expect(await resolve({ allow: ['cache'] })).toMatchObject({ path: found.path, source: 'cache' });
    },
    600_000,
  );
});
