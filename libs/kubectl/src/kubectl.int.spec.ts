import { mkdtemp, readdir, rm, writeFile, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { kubectlPath } from './kubectl-path.js';
import { runKubectl } from './run-kubectl.js';

describe('kubectl', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'skyflow-kubectl-'));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it('is extracted once, however many ask at the same time', async () => {
    const env = { SKYFLOW_CACHE: directory, PATH: '' };
    const paths = await Promise.all([kubectlPath({ env }), kubectlPath({ env }), kubectlPath({ env })]);
    expect(new Set(paths).size).toBe(1);
    const [version = ''] = await readdir(directory);
    expect(await readdir(join(directory, version))).toEqual(['kubectl']);
  });

  it('is the one that SKYFLOW_KUBECTL names', async () => {
    const mine = join(directory, 'mine');
    await writeFile(mine, '#!/bin/sh\n');
    const env = { SKYFLOW_KUBECTL: mine };
    await expect(kubectlPath({ env })).rejects.toThrow('not an executable file');
    await chmod(mine, 0o755);
    expect(await kubectlPath({ env })).toBe(mine);
  });

  it('runs and gives exit code and output', async () => {
    const { code, stdout } = await runKubectl(['version', '--client', '-o', 'json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ clientVersion: { major: '1' } });
    const failed = await runKubectl(['nonsense']);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('unknown command');
  });
});
