/** The terminal that skyctl runs on, given to a command in a pod: every key goes there, and its size is told. */
import type { Session } from '../session.js';
import type { RemoteStreams } from './remote-command.js';

export interface TerminalWishes {
  stdin: boolean;
  tty: boolean;
}

/** What is wanted and can be had: a terminal needs one on our side. */
export function granted(session: Session, { stdin, tty }: TerminalWishes): TerminalWishes {
  if (!tty || (stdin && process.stdin.isTTY)) return { stdin, tty };
  session.remark(
    stdin
      ? 'no terminal is used: the input is not one'
      : 'no terminal is used: -t needs -i, so that keys go to the command',
  );
  return { stdin, tty: false };
}

/** Runs with our streams; with a terminal, keys are not interpreted here until it has ended. */
export async function withOwnStreams<T>(
  { stdin, tty }: TerminalWishes,
  run: (streams: RemoteStreams) => Promise<T>,
): Promise<T> {
  const { stdin: keys, stdout, stderr } = process;
  const output = { stdout, stderr };
  if (!tty) return run({ ...output, ...(stdin ? { stdin: keys } : {}) });
  const resized: (() => void)[] = [];
  keys.setRawMode(true);
  try {
    return await run({
      ...output,
      stdin: keys,
      onResize: (tell) => {
        const listener = (): void => tell({ columns: stdout.columns, rows: stdout.rows });
        listener();
        stdout.on('resize', listener);
        resized.push(() => stdout.off('resize', listener));
      },
    });
  } finally {
    keys.setRawMode(false);
    for (const stop of resized) stop();
  }
}
