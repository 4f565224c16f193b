/** Programs in PATH as commands of skyctl. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { useBed } from './testing/bed.js';

const bed = useBed();

describe('plugins', () => {
  let env: Record<string, string>;
  const run = (...args: string[]) => bed.skyctl.run(args, { env });

  beforeAll(() => {
    const folder = join(bed.skyctl.home, 'plugins');
    mkdirSync(folder);
    for (const [name, script, mode] of [
      ['skyctl-hello', 'echo "hello $*"; exit 7', 0o700],
      ['skyctl-hello-big_world', 'echo "big $*"', 0o700],
      ['skyctl-get', 'echo never', 0o700],
      ['skyctl-broken', '', 0o600],
    ] as const) {
      writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(folder, name), mode);
    }
    env = { PATH: `${folder}:${process.env.PATH ?? ''}` };
  });

  it('run with their words and flags, and end with their code', async () => {
    expect(await run('hello', '-n', 'x', '--', 'y')).toEqual({ code: 7, stdout: 'hello -n x -- y\n', stderr: '' });
  });

  it('are chosen by the longest name', async () => {
    expect((await run('hello', 'big-world', 'a')).stdout).toBe('big a\n');
    expect((await run('hello', 'other')).stdout).toBe('hello other\n');
  });

  it('replace no command, and need to be executable', async () => {
    expect((await run('get', 'jobs')).stdout).toMatch(/^Name/);
    expect(await run('broken')).toMatchObject({ code: 2, stderr: expect.stringMatching(/unknown command/) });
  });

  it('are listed with what is wrong with them', async () => {
    const { code, stdout, stderr } = await run('plugin', 'list', '--name-only');
    expect(stdout.split('\n')).toEqual(
      expect.arrayContaining(['skyctl-broken', 'skyctl-get', 'skyctl-hello', 'skyctl-hello-big_world']),
    );
    expect(stderr).toMatch(/skyctl-broken: it is not executable[^]*skyctl-get: skyctl has a command "get" of its own/);
    expect(code).toBe(1);
  });
});
