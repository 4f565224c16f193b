import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAccess, writeKubeconfig } from './kubeconfig.js';

describe('the kubeconfig', () => {
  let directory: string;
  const path = (): string => join(directory, 'kubeconfig');

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'skyflow-kubeconfig-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('gives ports and tokens back to the next run', () => {
    const access = { name: 'a', url: 'https://127.0.0.1:6001', token: 'secret', certificate: 'PEM' };
    writeKubeconfig(path(), [access, { ...access, name: 'b', url: 'https://127.0.0.1:6002' }]);
    expect(readAccess(path())).toEqual(
      new Map([
        ['a', { port: 6001, token: 'secret' }],
        ['b', { port: 6002, token: 'secret' }],
      ]),
    );
  });

  it('is for its owner only, and leaves no draft behind', () => {
    writeKubeconfig(path(), []);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(['kubeconfig']);
  });

  it('that is not there, or is none, gives nothing', () => {
    expect(readAccess(path()).size).toBe(0);
    writeFileSync(path(), 'clusters: 7\n');
    expect(readAccess(path()).size).toBe(0);
  });
});
