/** Completion as shells ask for it: of the definitions, of the server, and by the scripts in real shells where there are any. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { linesOf, useBed } from './testing/bed.js';

const [withBash, withFish, withZsh] = [await needing('bash'), await needing('fish'), await needing('zsh')];
const bed = useBed();
const { run } = bed;
const offered = async (...words: string[]): Promise<string[]> => {
  const { code, stdout, stderr } = await run('__complete', '--', ...words);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout === '' ? [] : linesOf(stdout).map((line) => line.split('\t')[0] ?? '');
};

describe('completion', () => {
  it.each([
    [['des'], ['describe']],
    [['create', 'j'], ['job']],
    [['get', 'jo'], ['jobs']],
    [['get', 'jobs', 'h'], ['hello']],
    [['get', 'job/'], ['job/hello']],
    [['logs', 'h'], ['hello']],
    [['top', 'no'], ['nodes']],
    [['get', 'jobs', '--field-'], ['--field-selector']],
    [['create', 'job', 'x', '--cluster', ''], ['mluo-cloud']],
    [['create', 'job', 'x', '--clusters=mluo'], ['--clusters=mluo-cloud']],
    [['apply', '-f', ''], [':file']],
    [['patch', 'job', 'hello', '--type', 'm'], ['merge']],
    [['cluster', 'drain', ''], ['mluo-cloud']],
    [['completion', 'p'], ['powershell']],
    [['no-such-command', ''], []],
  ])('of %j is %j', async (words, expected) => expect(await offered(...words)).toEqual(expected));

  it('is silent where no server answers', async () => {
    const env = { SKYFLOW_SERVER: 'http://127.0.0.1:1' };
    expect(await bed.skyctl.run(['__complete', '--', 'logs', ''], { env })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });

  it.each(['bash', 'zsh', 'fish', 'powershell'])('has a script for %s', async (shell) => {
    expect(await run('completion', shell)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/skyctl __complete --/),
    });
  });
});

describe('in a real shell', () => {
  let env: NodeJS.ProcessEnv;

  beforeAll(() => {
    const path = join(bed.skyctl.home, 'skyctl');
    writeFileSync(
      path,
      `#!/bin/sh\nexec '${process.execPath}' '${join(import.meta.dirname, '../bin/skyctl.mjs')}' "$@"\n`,
    );
    chmodSync(path, 0o700);
    env = {
      PATH: `${bed.skyctl.home}:${process.env.PATH ?? ''}`,
      HOME: bed.skyctl.home,
      SKYFLOW_HOME: bed.skyctl.home,
      SKYCTL_ENTRY: join(bed.skyctl.home, 'dist/main.cjs'),
      SKYFLOW_SERVER: bed.gateway.url,
      SKYFLOW_TOKEN: 'secret-of-the-test',
    };
  });
  /** Completion gives up on a server that does not answer at once, so that a loaded machine may offer nothing the first time. */
  const completes = async (names: () => Promise<string[]>, expected: string[]): Promise<void> => {
    const end = performance.now() + 20_000;
    let offered = await names();
    while (offered.join() !== expected.join() && performance.now() < end) offered = await names();
    expect(offered).toEqual(expected);
  };
  /** Not spawnSync: the gateway is in this process. */
  const shell = async (program: string, script: string): Promise<string[]> => {
    const { execa } = await import('execa');
    const { stdout } = await execa(program, ['-c', script], { env, extendEnv: false, timeout: 30_000 });
    return stdout.trim().split(/\s+/);
  };

  withBash.it.each([
    ['skyctl get jobs h', ['hello']],
    ['skyctl create job x --clusters=mluo', ['mluo-cloud']],
  ])(
    'bash completes "%s"',
    async (line, expected) => {
      const script = `source <(skyctl completion bash); COMP_LINE='${line}'; COMP_POINT=\${#COMP_LINE}; _skyctl; echo "\${COMPREPLY[@]}"`;
      await completes(
        async () => (await shell('bash', script)).map((word) => word.replace('--clusters=', '')),
        expected,
      );
    },
    60_000,
  );

  withFish.it(
    'fish completes names',
    async () => {
      const script = 'skyctl completion fish | source; complete -C "skyctl get jobs h"';
      await completes(() => shell('fish', script), ['hello']);
    },
    60_000,
  );

  withZsh.it(
    'zsh takes the script',
    async () => {
      expect(
        await shell('zsh', 'autoload -U compinit; compinit -u; source <(skyctl completion zsh); echo $_comps[skyctl]'),
      ).toEqual(['_skyctl']);
    },
    60_000,
  );
});
