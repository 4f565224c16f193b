import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ProcessEnd, runProcess } from './own-process.js';

describe('the process of a driver', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skyflow-process-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const run = async (program: string, args: readonly string[]): Promise<ProcessEnd & { lines: string[] }> => {
    const lines: string[] = [];
    const end = await runProcess({
      ...{ folder, program, args, stallMs: 30_000, totalMs: 30_000, signal: new AbortController().signal },
      onLines: (more) => lines.push(...more),
    });
    return { ...end, lines };
  };

  it('is the program itself, with its arguments, nothing to read and nothing of our environment', async () => {
    const look = `
      const input = require('node:fs').readFileSync(0, 'utf8');
      console.log(JSON.stringify([process.pid, input, process.argv.slice(1), Object.keys(process.env).sort()]));
      process.exit(7);`;
    const end = await run(process.execPath, ['-e', look, '--', '--init', '$HOME "x"']);
    const { pid } = JSON.parse(readFileSync(join(folder, 'process.json'), 'utf8')) as { pid: number };
    expect(end).toEqual({
      code: 7,
      lines: [JSON.stringify([pid, '', ['--init', '$HOME "x"'], ['HOME', 'LANG', 'PATH']])],
    });
  });

  it('that is not there ends without a code, and its output says so', async () => {
    const end = await run('/nowhere/rke', ['up']);
    expect(end).toMatchObject({ code: null });
    expect(end.lines.join('\n')).toContain('ENOENT');
  });
});
