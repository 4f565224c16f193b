/**
 * A command run beside a container for exec. With a terminal it runs under util-linux' `script`, which makes one; where that
 * is not installed it gets pipes.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { ContainerPlace } from './container-place.js';

export interface ExecStart {
  command: readonly string[];
  place: ContainerPlace;
  stdin: boolean;
  tty: boolean;
}

export interface ExecProcess {
  onOutput(take: (stream: 'stdout' | 'stderr', data: Buffer) => void): void;
  write(data: Buffer): void;
  closeInput(): void;
  kill(): void;
  /** Never rejects. */
  readonly ended: Promise<{ exitCode: number; startError?: string }>;
}

const SCRIPT = '/usr/bin/script';

export function startExec({ command, place, stdin, tty }: ExecStart): ExecProcess {
  const { env, cwd } = place;
  const [name = ''] = command;
  const real = place.within(command);
  const [file = '', ...args] =
    tty && existsSync(SCRIPT) ? [SCRIPT, '-qfec', real.map(quoted).join(' '), '/dev/null'] : real;
  const child = spawn(file, args, {
    cwd,
    env: tty ? { TERM: 'xterm-256color', ...env } : env,
    detached: true,
    stdio: [stdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  // Writing to a command that has ended is not an error of ours.
  child.stdin?.on('error', () => undefined);
  const ended = new Promise<{ exitCode: number; startError?: string }>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'ENOENT' ? 'executable file not found in $PATH' : error.message;
      resolve({ exitCode: 126, startError: `exec: "${name}": ${why}` });
    });
    child.once('close', (code) => resolve({ exitCode: code ?? 137 }));
  });
  return {
    ended,
    onOutput: (take) => {
      child.stdout?.on('data', (data: Buffer) => take('stdout', data));
      child.stderr?.on('data', (data: Buffer) => take('stderr', data));
    },
    write: (data) => void child.stdin?.write(data),
    closeInput: () => void child.stdin?.end(),
    kill: () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    },
  };
}

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
