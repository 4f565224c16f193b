/** Programs named `skyctl-…` in PATH, and running the one that a command line means. */
import { readdirSync, statSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { constants as systemConstants } from 'node:os';
import { CliError } from '../../cli/cli-error.js';
import { EXIT } from '../../cli/exit-codes.js';
import { isExecutable } from '../../executable.js';

export const PLUGIN_PREFIX = 'skyctl-';

export interface Plugin {
  path: string;
  executable: boolean;
}

/** All of them, in the order of PATH. */
export function pluginsIn(env: NodeJS.ProcessEnv): Plugin[] {
  return directoriesOf(env).flatMap((directory) =>
    namesIn(directory)
      .filter((name) => name.startsWith(PLUGIN_PREFIX) && name.length > PLUGIN_PREFIX.length)
      .sort()
      .map((name) => join(directory, name))
      .filter(isFile)
      .map((path) => ({ path, executable: isExecutable(path) })),
  );
}

export interface FoundPlugin {
  path: string;
  /** Words that it gets. */
  args: readonly string[];
}

/** The program that the words mean: the one with the longest name. Words stop at the first flag. */
export function findPlugin(words: readonly string[], env: NodeJS.ProcessEnv): FoundPlugin | undefined {
  const end = words.findIndex((word) => !/^[\w.]+(-[\w.]+)*$/.test(word));
  const names = end < 0 ? words : words.slice(0, end);
  for (let count = names.length; count > 0; count -= 1) {
    const name =
      PLUGIN_PREFIX +
      names
        .slice(0, count)
        .map((word) => word.replaceAll('-', '_'))
        .join('-');
    for (const directory of directoriesOf(env)) {
      const path = join(directory, name);
      if (isFile(path) && isExecutable(path)) return { path, args: words.slice(count) };
    }
  }
  return undefined;
}

/** @returns its exit code; 128 and the signal's number if it was killed. @throws CliError when it cannot be started. */
export async function runPlugin({ path, args }: FoundPlugin, env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(path, [...args], { stdio: 'inherit', env: { ...env, SKYCTL_BIN: process.argv[1] ?? 'skyctl' } });
  // Ctrl-C at the terminal goes to both; the plugin decides what it means.
  process.removeAllListeners('SIGINT').on('SIGINT', () => undefined);
  process.removeAllListeners('SIGTERM').on('SIGTERM', () => child.kill('SIGTERM'));
  return await new Promise((resolve, reject) => {
    child.once('error', (cause) => {
      reject(
        new CliError({ code: EXIT.failure, summary: `the plugin ${path} cannot be run: ${cause.message}`, cause }),
      );
    });
    child.once('exit', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : systemConstants.signals[signal]));
    });
  });
}

const directoriesOf = ({ PATH = '' }: NodeJS.ProcessEnv): string[] => [
  ...new Set(PATH.split(delimiter).filter((directory) => directory !== '')),
];

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    // Directories of PATH need not exist or be readable.
    return [];
  }
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
