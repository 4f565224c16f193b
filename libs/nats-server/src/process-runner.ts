/** Runs other programs to their end. Injected wherever a decision depends on what one of them says. */
import { execFile } from 'node:child_process';

export interface ProcessResult {
  /** Exit code; -1 if the program could not be started or was ended by a signal. */
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  timeoutMs: number;
  env?: Readonly<Record<string, string>>;
}

/** Never rejects: a program that cannot be started is a result with code -1 and the reason in stderr. */
export type ProcessRunner = (command: string, args: readonly string[], options: RunOptions) => Promise<ProcessResult>;

const OUTPUT_LIMIT_BYTES = 16 * 1024 * 1024;

export const runProcess: ProcessRunner = (command, args, options) =>
  new Promise((resolve) => {
    execFile(
      command,
      [...args],
      {
        timeout: options.timeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: OUTPUT_LIMIT_BYTES,
        env: { ...process.env, ...options.env },
      },
      (error, stdout, stderr) => {
        if (error === null) {
          resolve({ code: 0, stdout, stderr });
          return;
        }
        const code = typeof error.code === 'number' ? error.code : -1;
        const reason = error.killed === true ? `no end after ${options.timeoutMs} ms` : error.message;
        resolve({ code, stdout, stderr: code === -1 ? `${stderr}${reason}` : stderr });
      },
    );
  });

/** The last line that says something, for one-line reports. */
export function lastLine(result: ProcessResult): string {
  const lines = `${result.stdout}\n${result.stderr}`.split('\n').map((line) => line.trim());
  return lines.findLast((line) => line !== '') ?? `exit code ${result.code}`;
}
