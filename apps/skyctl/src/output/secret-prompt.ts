/** Asks for a password: without showing it on a terminal; from a pipe its first line is taken. */
import { createInterface } from 'node:readline/promises';
import { usageError } from '../cli/cli-error.js';
import type { Terminal } from './terminal.js';

/** @throws CliError when there is nothing to read it from, or it is empty */
export async function askSecret(question: string, terminal: Terminal, fromPipe: boolean): Promise<string> {
  const secret = process.stdin.isTTY && !fromPipe ? await typed(question, terminal) : await firstLine(fromPipe);
  if (secret === '') throw usageError('the password is empty');
  return secret;
}

async function firstLine(fromPipe: boolean): Promise<string> {
  if (!fromPipe) throw usageError('there is no terminal to ask for the password on', 'give it with --password-stdin');
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) return line;
  return '';
}

function typed(question: string, terminal: Terminal): Promise<string> {
  terminal.stderr.write(question);
  const { stdin } = process;
  stdin.setRawMode(true);
  stdin.setEncoding('utf8').resume();
  return new Promise((resolve, reject) => {
    let text = '';
    const end = (): void => {
      stdin.setRawMode(false);
      stdin.pause().off('data', read);
      terminal.stderr.write('\n');
    };
    const read = (keys: string): void => {
      for (const key of keys) {
        if (key === '\r' || key === '\n' || key === '\u0004') {
          end();
          resolve(text);
          return;
        }
        if (key === '\u0003') {
          end();
          reject(usageError('nothing was entered'));
          return;
        }
        text = key === '\u007f' || key === '\b' ? text.slice(0, -1) : text + key;
      }
    };
    stdin.on('data', read);
  });
}
