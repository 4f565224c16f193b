/** The file of hosts that a cluster is built on. */
import { readFile } from 'node:fs/promises';
import { stdin } from 'node:process';
import { text as textOf } from 'node:stream/consumers';
import { CliError, usageError } from '../../cli/cli-error.js';
import { EXIT } from '../../cli/exit-codes.js';

/** The document as it was written; `-` is standard input. @throws CliError when it cannot be read, or is not YAML. */
export async function readHosts(file: string): Promise<unknown> {
  let text: string;
  try {
    text = file === '-' ? await textOf(stdin) : await readFile(file, 'utf8');
  } catch (error) {
    throw new CliError({
      code: EXIT.usage,
      summary: `--hosts ${file}: cannot be read: ${(error as Error).message}`,
      hint: 'name a YAML file of hosts',
      cause: error,
    });
  }
  const { parse } = await import('yaml');
  try {
    return parse(text) ?? {};
  } catch (error) {
    throw usageError(`--hosts ${file}: is not YAML: ${(error as Error).message.split('\n')[0] ?? ''}`);
  }
}
