import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { EscrowKeys } from './escrow-keys.js';
import { escrowKeysOf } from './key-source.js';

const [A, B] = ['a'.repeat(64), 'b'.repeat(64)];
const folder = mkdtempSync(join(tmpdir(), 'skyflow-keys-'));
const file = join(folder, 'sealing.keys');
writeFileSync(file, `# of this installation\n${A}\n`);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sealedWith = (keys: EscrowKeys): string => keys.seal('text', 'x').key;

describe('keys of sealed copies', () => {
  it.each([
    ['a file', { SKYFLOW_SEALING_KEYS: file }, A],
    ['the environment', { SKYFLOW_ESCROW_KEYS: `${B}\n` }, B],
    ['the environment rather than a file', { SKYFLOW_ESCROW_KEYS: B, SKYFLOW_SEALING_KEYS: file }, B],
    ['a command', { SKYFLOW_ESCROW_KEYS_COMMAND: `echo ${B}`, SKYFLOW_SEALING_KEYS: file }, B],
  ])('come from %s', async (_what, settings, first) => {
    const keys = await escrowKeysOf(settings);
    expect(sealedWith(keys())).toBe(sealedWith(new EscrowKeys([first])));
  });

  it('of the file still open what they have sealed', async () => {
    const old = new EscrowKeys([A]).seal('text', 'x');
    const keys = await escrowKeysOf({ SKYFLOW_ESCROW_KEYS: B, SKYFLOW_SEALING_KEYS: file });
    expect(keys().open(old, 'x')).toBe('text');
  });

  it.each([
    [{ SKYFLOW_ESCROW_KEYS: 'abc' }, 'SKYFLOW_ESCROW_KEYS cannot be used: a line of it is not 64 hexadecimal digits'],
    [{ SKYFLOW_ESCROW_KEYS_COMMAND: 'true' }, 'SKYFLOW_ESCROW_KEYS_COMMAND cannot be used: there is no key in it'],
    [{ SKYFLOW_ESCROW_KEYS_COMMAND: 'echo denied >&2; exit 3' }, 'it ended with 3: denied'],
  ])('are refused when the service starts: %j', async (settings, words) => {
    await expect(escrowKeysOf(settings)).rejects.toThrow(words);
  });
});
