import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { TokenError, readTokens } from './tokens.js';

const folder = mkdtempSync(join(tmpdir(), 'skyflow-tokens-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (text: string): string => {
  const path = join(folder, `${String(Math.random())}.txt`);
  writeFileSync(path, text);
  return path;
};

describe('tokens from outside', () => {
  it('must be given, and their files must hold some', () => {
    expect(readTokens({ SKYFLOW_TOKEN: 'a' })).toEqual([{ token: 'a' }]);
    expect(readTokens({ SKYFLOW_TOKEN_FILE: file('b\n') })).toEqual([{ token: 'b' }]);
    expect(() => readTokens({})).toThrow(TokenError);
    expect(() => readTokens({ SKYFLOW_TOKEN_FILE: '/nowhere/token' })).toThrow(/"\/nowhere\/token" cannot be read/);
    expect(() => readTokens({ SKYFLOW_TOKEN_FILE: file(' \n') })).toThrow(/is empty/);
  });

  it('may be those of services, with groups', () => {
    const SKYFLOW_TOKENS_FILE = file('# services\n\nt1 system:agent-supervisor\nt2  ci  builders,nightly\n');
    expect(readTokens({ SKYFLOW_TOKEN: 'a', SKYFLOW_TOKENS_FILE }).slice(1)).toEqual([
      { token: 't1', identity: { name: 'system:agent-supervisor', groups: ['system:authenticated'] } },
      { token: 't2', identity: { name: 'ci', groups: ['builders', 'nightly', 'system:authenticated'] } },
    ]);
    expect(() => readTokens({ SKYFLOW_TOKEN: 'a', SKYFLOW_TOKENS_FILE: file('t1 ci\nlonely\n') })).toThrow(/entry 2/);
  });
});
