/** Screens that go on, on a real terminal (made by script(1)); elsewhere they are refused. */
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { execa } from 'execa';
import { jobSpec, share, useBed } from './testing/bed.js';

const bed = useBed();
const bin = join(import.meta.dirname, '../bin/skyctl.mjs');

const onTerminals = await needing('script');

/** What a person sees until `until` is on the screen, then presses q. */
async function watched(
  args: string,
  until: RegExp,
  meanwhile: () => Promise<void>,
): Promise<{ code: number; seen: string }> {
  const line = `stty rows 30 cols 100; ${process.execPath} ${bin} ${args}`;
  const child = execa('script', ['-qec', line, '/dev/null'], {
    env: {
      PATH: process.env.PATH ?? '',
      SKYCTL_ENTRY: join(bed.skyctl.home, 'dist/main.cjs'),
      SKYFLOW_HOME: bed.skyctl.home,
      SKYFLOW_SERVER: bed.gateway.url,
      SKYFLOW_TOKEN: 'secret-of-the-test',
      NO_COLOR: '1',
      TERM: 'xterm',
    },
    extendEnv: false,
    stdin: 'pipe',
    reject: false,
    timeout: 30_000,
  });
  let seen = '';
  let started = false;
  let ended = false;
  child.stdout.on('data', (chunk: Buffer) => {
    seen += chunk.toString();
    if (!started && seen.includes('q ends this')) {
      started = true;
      void meanwhile();
    }
    if (started && !ended && until.test(seen)) {
      ended = true;
      child.stdin.write('q');
    }
  });
  const { exitCode = -1 } = await child;
  return { code: exitCode, seen };
}

onTerminals.describe('a live screen', () => {
  it('of the status shows what changes, and leaves the terminal as it was', async () => {
    const { code, seen } = await watched('status -w', /jobs +2 +1 +1/, () =>
      bed.gateway.put({ kind: 'Job', metadata: { name: 'late' }, spec: jobSpec(1) }),
    );
    expect(code).toBe(0);
    expect(seen).toMatch(/jobs +1 +1 +0/);
    expect(seen).toMatch(/job\/late +default +- +0\/1 +PENDING/);
    expect(seen.startsWith('\u001b[?1049h')).toBe(true);
    expect(seen).toContain('\u001b[?25h\u001b[?1049l');
  }, 60_000);

  it('of the loads has bars', async () => {
    const { code, seen } = await watched('top -w', /job\/late +default +mluo-cloud +1\/1 +1\.0/, () =>
      bed.gateway.setStatus('Job', 'late', { phase: 'RUNNING', replicas: 1, clusters: [share('mluo-cloud')] }),
    );
    expect(code).toBe(0);
    expect(seen).toMatch(/mluo-cloud +READY +0\/0 +0\.07\/2\.0 +░{10} 4%/);
  }, 60_000);
});

describe('where there is no terminal', () => {
  it.each(['status', 'top'])('%s -w is refused', async (command) => {
    expect(await bed.run(command, '-w')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/draws on a terminal/),
    });
  });
});
