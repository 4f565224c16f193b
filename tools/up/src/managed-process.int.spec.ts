import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ManagedProcess, type ProcessEvents } from './managed-process.js';

describe('a managed process', () => {
  let folder: string;
  let started: number[];
  let crashes: string[];
  let events: ProcessEvents;
  let managed: ManagedProcess | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'skyflow-process-'));
    started = [];
    crashes = [];
    events = { started: (_name, pid) => started.push(pid), crashed: (_name, how) => crashes.push(how) };
  });

  afterEach(async () => {
    await managed?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (script: string, watchesParent = true): void => {
    const logFile = join(folder, 'log');
    managed = new ManagedProcess(
      {
        name: 'test',
        command: process.execPath,
        args: ['-e', script],
        environment: { NODE_OPTIONS: '' },
        logFile,
        watchesParent,
      },
      events,
    );
    managed.start();
  };
  const said = (): string => (existsSync(join(folder, 'log')) ? readFileSync(join(folder, 'log'), 'utf8') : '');

  it('is started again when it is killed, and says how it ended', async () => {
    start('console.log("up"); setInterval(() => {}, 1000)');
    await until(() => said().includes('up'));
    process.kill(started[0]!, 'SIGKILL');
    await until(() => started.length === 2);
    expect(crashes).toEqual(['signal SIGKILL']);
    expect(started[1]).not.toBe(started[0]);
  });

  it('waits longer after each crash', async () => {
    start('process.exit(3)');
    const from = performance.now();
    await until(() => started.length === 4);
    expect(performance.now() - from).toBeGreaterThan(100 + 200 + 400 - 50);
    expect(crashes[0]).toBe('exit code 3');
  });

  it('says so when it cannot be started at all', async () => {
    managed = new ManagedProcess(
      {
        name: 'test',
        command: join(folder, 'nothing'),
        args: [],
        environment: {},
        logFile: join(folder, 'log'),
        watchesParent: false,
      },
      events,
    );
    managed.start();
    await until(() => crashes.length > 0);
    expect(crashes[0]).toMatch(/ENOENT/);
  });

  it('stays down when it is told to stop', async () => {
    start('process.on("SIGTERM", () => process.exit(0)); console.log("up"); setInterval(() => {}, 1000)');
    await until(() => said().includes('up'));
    await managed?.stop();
    await pause(300);
    expect(started).toHaveLength(1);
    expect(crashes).toEqual([]);
  });
});

async function until(condition: () => boolean, deadlineMs = 10_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error('not in time');
    await pause(10);
  }
}
