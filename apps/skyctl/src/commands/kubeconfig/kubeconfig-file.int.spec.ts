/** Kubeconfigs on disk: kubectl's lock, all or nothing, and reasons where it cannot be. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { backupOf, changeKubeconfig, defaultFile } from './kubeconfig-file.js';

const asRoot = await needing('network namespaces');

describe('a kubeconfig on disk', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'skyctl-kubeconfig-'));
    file = join(folder, 'config');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is changed through a link, keeps its mode, and leaves a backup and no lock', async () => {
    const real = join(folder, 'real');
    writeFileSync(real, 'a', { mode: 0o640 });
    chmodSync(real, 0o640);
    symlinkSync(real, file);
    expect(await changeKubeconfig(file, (text) => `${text}b`, { backup: true })).toEqual({ backup: backupOf(real) });
    expect([readFileSync(file, 'utf8'), statSync(real).mode & 0o777]).toEqual(['ab', 0o640]);
    expect(readdirSync(folder).sort()).toEqual(['config', 'real', 'real.skyflow.bak']);
    expect(readFileSync(backupOf(real), 'utf8')).toBe('a');
    expect(await changeKubeconfig(file, (text) => text, { backup: true })).toBeUndefined();
    expect(await changeKubeconfig(join(folder, 'new/deep/config'), () => 'x')).toEqual({});
    expect(statSync(join(folder, 'new/deep/config')).mode & 0o777).toBe(0o600);
  });

  it('is changed by one at a time', async () => {
    writeFileSync(file, '');
    await Promise.all(Array.from({ length: 20 }, () => changeKubeconfig(file, (text) => `${text}x`)));
    expect(readFileSync(file, 'utf8')).toBe('x'.repeat(20));
  });

  it('is left alone while another program has the lock, which is named', async () => {
    writeFileSync(file, 'a');
    writeFileSync(`${file}.lock`, '');
    await expect(changeKubeconfig(file, () => 'b', { lockWaitMs: 100 })).rejects.toMatchObject({
      message: expect.stringContaining(`${file}.lock is there; it was not changed`),
      hint: expect.stringContaining(`remove ${file}.lock`),
    });
    expect([readFileSync(file, 'utf8'), existsSync(`${file}.lock`)]).toEqual(['a', true]);
  });

  it('is as it was when the change is refused', async () => {
    writeFileSync(file, 'a');
    const refuse = (): never => {
      throw new Error('no');
    };
    await expect(changeKubeconfig(file, refuse, { backup: true })).rejects.toThrow('no');
    expect([readFileSync(file, 'utf8'), readdirSync(folder)]).toEqual(['a', ['config']]);
  });

  it('says why it cannot be written', async () => {
    writeFileSync(join(folder, 'text'), '');
    mkdirSync(file);
    await expect(changeKubeconfig(file, () => 'b')).rejects.toThrow(
      /config cannot be read: it is a directory \(EISDIR\)/,
    );
    await expect(changeKubeconfig(join(folder, 'text/config'), () => 'b')).rejects.toThrow(
      /text\/config cannot be locked: .*text is not a directory/,
    );
  });

  // Root may write into every directory but one that is mounted read-only.
  asRoot.it('says so where its directory is read-only, and stays', async () => {
    writeFileSync(file, 'a');
    execFileSync('mount', ['--bind', folder, folder]);
    try {
      execFileSync('mount', ['-o', 'remount,bind,ro', folder]);
      await expect(changeKubeconfig(file, () => 'b', { backup: true })).rejects.toMatchObject({
        message: `${file} cannot be locked: ${folder} is on a read-only file system (EROFS)`,
        hint: expect.stringContaining('skyctl kubeconfig > FILE'),
      });
      expect(readFileSync(file, 'utf8')).toBe('a');
    } finally {
      execFileSync('umount', [folder]);
    }
  });

  it('is the first of KUBECONFIG that exists, else the last, as for kubectl', () => {
    writeFileSync(file, '');
    const none = join(folder, 'none');
    expect(defaultFile({ KUBECONFIG: `${none}:${file}:${none}2` })).toBe(file);
    expect(defaultFile({ KUBECONFIG: `${none}:${none}2` })).toBe(`${none}2`);
    expect(defaultFile({ HOME: '/home/ada' })).toBe('/home/ada/.kube/config');
  });
});
