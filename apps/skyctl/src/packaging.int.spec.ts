/** skyctl as people get it elsewhere: the package, installed by npm without a network, and the single executable file. */
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { useBed } from './testing/bed.js';

const app = join(import.meta.dirname, '..');
const bed = useBed();
let folder: string;

beforeAll(() => {
  // Out of reach of any node_modules: what the package needs must be in it.
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'skyctl-packaging-')));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As on a machine without the checkout. */
async function run(program: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const {
    exitCode = -1,
    stdout,
    stderr,
  } = await execa(program, args, {
    cwd: folder,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      SKYFLOW_SERVER: bed.gateway.url,
      SKYFLOW_TOKEN: 'secret-of-the-test',
    },
    extendEnv: false,
    reject: false,
    stripFinalNewline: false,
    timeout: 60_000,
  });
  return { code: exitCode, stdout, stderr };
}

const JOBS = /^Name +Cluster[^]*\nhello +mluo-cloud +1\/1/;

describe('the package', () => {
  let bin: string;

  beforeAll(async () => {
    const { stdout: tarball } = await execa(process.execPath, [join(app, 'package.mjs'), join(folder, 'npm')]);
    await execa('npm', ['install', '--offline', '--no-audit', '--no-fund', '--prefix', folder, tarball], {
      cwd: folder,
      env: { npm_config_cache: join(folder, 'npm-cache'), npm_config_update_notifier: 'false' },
    });
    bin = join(folder, 'node_modules/.bin/skyctl');
  }, 180_000);

  it('asks a server, and runs what needs the Nest container', async () => {
    expect(await run(bin, 'get', 'jobs')).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(JOBS) });
    const made = await run(bin, 'create', 'job', 'x', '--run', 'date', '--dry-run', 'client', '-o', 'yaml');
    expect(made).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/kind: Job\n/) });
  }, 120_000);

  it('keeps what is compiled, brings man pages, and needs no other package', async () => {
    expect((await run(bin, 'version', '--client')).stdout).toMatch(/^Client: skyctl \d/);
    expect(existsSync(join(folder, '.cache/skyctl'))).toBe(true);
    expect(existsSync(join(folder, 'node_modules/@skyflow/skyctl/dist/man/skyctl-get.1'))).toBe(true);
    const { stdout } = await execa('npm', ['ls', '--all', '--parseable', '--prefix', folder], { cwd: folder });
    expect(stdout.trim().split('\n')).toEqual([folder, join(folder, 'node_modules/@skyflow/skyctl')]);
  }, 120_000);
});

describe('the executable', () => {
  let file: string;

  beforeAll(async () => {
    file = join(folder, 'skyctl');
    await execa(process.execPath, [join(app, 'executable.mjs'), file]);
  }, 180_000);

  it('is one file that asks a server, and runs what needs the Nest container', async () => {
    expect(await run(file, 'get', 'jobs')).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(JOBS) });
    const made = await run(file, 'create', 'job', 'x', '--run', 'date', '--dry-run', 'client', '-o', 'yaml');
    expect(made).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/kind: Job\n/) });
    expect(await run(file, 'get', 'jobz')).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/did you mean jobs/),
    });
  }, 120_000);
});
