import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LiveMemory } from './live-memory.js';

const MIB = 1024 ** 2;
/** Holds so many MiB more for each byte that it reads, half of them outside of the heap, and makes far more garbage; says so after each. */
const PROGRAM = `
const held = [];
const text = () => Array.from({ length: 2 ** 16 }, () => Math.random());
process.stdin.on('data', (bytes) => {
  for (const byte of bytes) for (let mib = 0; mib < byte; mib += 1) held.push(text(), Buffer.alloc(2 ** 19, 1));
  let garbage = [];
  for (let round = 0; round < 40; round++) garbage.push(text());
  garbage = [];
  process.stdout.write('done');
});
process.stdout.write('begun');
`;

describe('what a program holds without garbage', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skyflow-live-'));
  let program: ChildProcess;
  let live: LiveMemory;

  beforeEach(async () => {
    live = new LiveMemory(folder);
    program = spawn(process.execPath, ['-e', PROGRAM], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...live.environment },
    });
    await said();
  });
  afterEach(() => {
    program.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  const said = (): Promise<unknown[]> => once(program.stdout ?? program, 'data');
  const hold = async (mib: number): Promise<number> => {
    program.stdin?.write(Buffer.of(mib));
    await said();
    return ((await live.of(program.pid ?? 0)) ?? 0) / MIB;
  };

  it('grows by what is kept, in the heap and outside, and by nothing else', async () => {
    const before = await hold(0);
    expect((await hold(0)) - before).toBeLessThan(1);
    const after = await hold(8);
    expect(after - before).toBeGreaterThan(7);
    expect(after - before).toBeLessThan(10);
    expect(Math.abs((await hold(0)) - after)).toBeLessThan(1);
  });

  it('is not known of one that has ended, or says nothing', async () => {
    const { pid = 0 } = program;
    program.kill('SIGSTOP');
    expect(await live.of(pid, 100)).toBeUndefined();
    program.kill('SIGKILL');
    await once(program, 'exit');
    expect(await live.of(pid, 100)).toBeUndefined();
  });
});
