/**
 * A driver's process: in its own process group, its output in a file that outlives us, ended when it is silent or takes too long. It does
 * not begin before its id is on disk, so that whoever comes after us can end it: two must never be at work on one cluster.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { writeFileDurably } from './write-file.js';

export interface ProcessOptions {
  folder: string;
  program: string;
  args: readonly string[];
  /** Without a line for so long, it is ended. */
  stallMs: number;
  /** After so long, it is ended. */
  totalMs: number;
  signal: AbortSignal;
  onLines: (lines: readonly string[]) => void;
}

export type ProcessEnd = { code: number | null } | { ended: 'stalled' | 'overdue' | 'aborted' };

const LOG = 'output.log';
const PROCESS = 'process.json';
const LOOK_EVERY_MS = 100;
const GRACE_MS = 5_000;

/** Waits for a word on its input, then is the program: without us it never is. Node does it, for an image need not have a shell. */
const WAIT_THEN_BE = `
const { readSync } = require('node:fs');
if (readSync(0, Buffer.alloc(3)) === 0) process.exit(75);
process.execve(process.argv[1], process.argv.slice(1));
`;

/** @throws Error when there can be no process at all. One whose program is not there ends without a code, and its output says so. */
export async function runProcess(options: ProcessOptions): Promise<ProcessEnd> {
  const { folder, program, args, signal } = options;
  const output = await open(join(folder, LOG), 'a', 0o600);
  const child = spawn(process.execPath, ['--no-warnings', '-e', WAIT_THEN_BE, '--', resolve(program), ...args], {
    cwd: folder,
    detached: true,
    stdio: ['pipe', output.fd, output.fd],
    // Nothing of ours: a proxy or an agent's socket would change what it does.
    env: { PATH: process.env.PATH, HOME: folder, LANG: 'C.UTF-8' },
  });
  const exited = once(child, 'exit') as Promise<[number | null, string | null]>;
  // Whoever waits for it below is told; it may fail before that.
  exited.catch(() => undefined);
  const { stdin } = child;
  if (stdin === null) throw new Error('a pipe was asked for and there is none');
  stdin.on('error', () => undefined);
  await output.close();
  const { pid } = child;
  if (pid === undefined) {
    await exited;
    throw new Error('a process that did not start has ended');
  }
  await writeFileDurably(join(folder, PROCESS), JSON.stringify({ pid, startTime: startTimeOf(pid) }));
  stdin.end('go\n');
  const tail = new Tail(join(folder, LOG), options.onLines);
  const startedAt = performance.now();
  let isOver = false;
  const over = exited.then(([code]) => {
    isOver = true;
    return code;
  });
  let ended: 'stalled' | 'overdue' | 'aborted' | undefined;
  while (!isDone(isOver)) {
    await Promise.race([over, pause(LOOK_EVERY_MS)]);
    await tail.read();
    const now = performance.now();
    if (signal.aborted) ended = 'aborted';
    else if (now - startedAt > options.totalMs) ended = 'overdue';
    else if (now - tail.grewAt > options.stallMs) ended = 'stalled';
    if (ended === undefined || isDone(isOver)) continue;
    await endGroup(pid);
    break;
  }
  const code = await over;
  await tail.read(true);
  return ended === undefined ? { code } : { ended };
}

const isDone = (flag: boolean): boolean => flag;

/** Ends what an earlier process of ours has left in the folder. Its output. */
export async function endLeftProcess(folder: string): Promise<string[]> {
  const file = join(folder, PROCESS);
  if (existsSync(file)) {
    const { pid, startTime } = JSON.parse(await readFile(file, 'utf8')) as { pid: number; startTime: string };
    if (startTimeOf(pid) === startTime) await endGroup(pid);
  }
  const log = join(folder, LOG);
  return existsSync(log) ? (await readFile(log, 'utf8')).split('\n').filter((line) => line !== '') : [];
}

/** SIGTERM, then SIGKILL. Resolves when nothing of the group is left. */
async function endGroup(pid: number): Promise<void> {
  for (const [signal, withinMs] of [
    ['SIGTERM', GRACE_MS],
    ['SIGKILL', GRACE_MS],
  ] as const) {
    if (!sendTo(pid, signal)) return;
    const deadline = performance.now() + withinMs;
    while (performance.now() < deadline) {
      if (!sendTo(pid, 0)) return;
      await pause(20);
    }
  }
}

/** False: the group is gone. A leader that nobody has waited for yet is gone too. */
function sendTo(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return !isZombie(pid);
  } catch {
    return false;
  }
}

const statOf = (pid: number): string[] => {
  try {
    const text = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
};

const isZombie = (pid: number): boolean => statOf(pid)[0] === 'Z';
/** In ticks since the machine started: tells a process from a later one of the same id. '' where there is no /proc. */
const startTimeOf = (pid: number): string => statOf(pid)[19] ?? '';

/** What is appended to a file, line by line. */
class Tail {
  grewAt = performance.now();
  private offset = 0;
  private rest = '';

  constructor(
    private readonly file: string,
    private readonly onLines: (lines: readonly string[]) => void,
  ) {}

  async read(isLast = false): Promise<void> {
    const handle = await open(this.file, 'r');
    try {
      const { size } = await handle.stat();
      if (size > this.offset) {
        const { buffer, bytesRead } = await handle.read(
          Buffer.alloc(size - this.offset),
          0,
          size - this.offset,
          this.offset,
        );
        this.offset += bytesRead;
        this.rest += buffer.toString('utf8', 0, bytesRead);
        this.grewAt = performance.now();
      }
    } finally {
      await handle.close();
    }
    const lines = this.rest.split('\n');
    this.rest = isLast ? '' : (lines.pop() ?? '');
    const whole = lines.filter((line) => line !== '');
    if (whole.length > 0) this.onLines(whole);
  }
}
