import { mkdtempSync, rmSync, utimesSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withConfigLock } from './config-lock.js';

describe('the lock of the configuration file', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'skyctl-lock-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('lets one change it at a time, and is gone afterwards, after a failure too', async () => {
    const path = join(folder, 'new', 'config.yaml');
    let inside = 0;
    const change = async (fails: boolean): Promise<void> => {
      inside += 1;
      expect(inside).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
      if (fails) throw new Error('a change that fails');
    };
    const all = await Promise.allSettled(
      [false, true, false].map((fails) => withConfigLock(path, () => change(fails))),
    );
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  it('of a process that was killed is not waited for', async () => {
    const path = join(folder, 'config.yaml');
    writeFileSync(`${path}.lock`, '');
    const longAgo = Date.now() / 1000 - 3_600;
    utimesSync(`${path}.lock`, longAgo, longAgo);
    expect(await withConfigLock(path, () => Promise.resolve('done'))).toBe('done');
  });
});
