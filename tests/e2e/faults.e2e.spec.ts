/** One round of the fault suite (tools/faults): every kind of fault once, with three nats-servers and two of every service. */
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { execa } from 'execa';

const PROGRAM = fileURLToPath(new URL('../../tools/faults/dist/main.js', import.meta.url));
const once = await needing('a round of faults');

once.describe('under faults of every kind', () => {
  it('loses nothing, doubles nothing, tells nothing old and goes back nowhere', async () => {
    const { NODE_OPTIONS: _jestOnly, ...env } = process.env;
    const { stdout, stderr } = await execa(process.execPath, [PROGRAM, '--seconds', '45'], {
      env,
      extendEnv: false,
      reject: false,
      timeout: 460_000,
    });
    process.stderr.write(`${stdout.split('\n').slice(0, 6).join('\n')}\n`);
    expect(`${stdout}\n${stderr}`.trimEnd().split('\n').slice(-40).join('\n')).toMatch(
      /lost 0 doubled 0 stale 0 regressed 0$/,
    );
  }, 480_000);
});
