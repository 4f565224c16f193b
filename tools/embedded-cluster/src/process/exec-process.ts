/** A command run beside a container for exec: in its sandbox, with its environment, on pipes or on a terminal. */
import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { badRequest } from '@skyflow/apimachinery';
import type { ContainerPlace } from './container-place.js';
import { startProblem } from './executable.js';
import type { RemoteEnd, RemoteProcess } from './remote-process.js';
import { NO_TERMINAL, terminals, type Terminals } from './terminal.js';

export interface ExecStart {
  command: readonly string[];
  place: ContainerPlace;
  stdin: boolean;
  tty: boolean;
}

/** What starts it. @throws StatusError 400 when a terminal is asked for that this machine does not have */
export async function preparedExec(start: ExecStart): Promise<() => RemoteProcess> {
  if (!start.tty) return () => execOnPipes(start);
  const available = await terminals();
  if (available === undefined) throw badRequest(NO_TERMINAL);
  return () => execOnTerminal(start, available);
}

function execOnPipes({ command, place, stdin }: ExecStart): RemoteProcess {
  const { env, cwd } = place;
  const [file = '', ...args] = place.within(command);
  const child = spawn(file, args, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  // Writing to a command that has ended is not an error of ours.
  child.stdin.on('error', () => undefined);
  if (!stdin) child.stdin.end();
  const ended = new Promise<RemoteEnd>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'ENOENT' ? 'executable file not found in $PATH' : error.message;
      resolve(notStarted(command, why));
    });
    child.once('close', (code) => resolve({ exitCode: code ?? 137 }));
  });
  return {
    ...(stdin ? { stdin: child.stdin } : {}),
    stdout: child.stdout,
    stderr: child.stderr,
    resize: () => undefined,
    leave: () => killGroup(child.pid),
    ended,
  };
}

function execOnTerminal({ command, place }: ExecStart, available: Terminals): RemoteProcess {
  const { env, cwd } = place;
  const real = place.within(command);
  // A terminal's child that cannot be executed only says so to the terminal.
  const problem = real[0] === command[0] ? startProblem(command[0] ?? '', env['PATH'], cwd, []) : undefined;
  if (problem !== undefined) {
    return {
      stdout: Readable.from([]),
      resize: () => undefined,
      leave: () => undefined,
      ended: Promise.resolve(notStarted(command, problem)),
    };
  }
  const { pid, ended, ...streams } = available.start({ command: real, env, cwd });
  return {
    ...streams,
    leave: () => killGroup(pid),
    ended: ended.then(({ exitCode, signal }) => ({ exitCode: signal === undefined ? exitCode : 128 + signal })),
  };
}

const notStarted = (command: readonly string[], why: string): RemoteEnd => ({
  exitCode: 126,
  startError: `exec: "${command[0] ?? ''}": ${why}`,
});

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
