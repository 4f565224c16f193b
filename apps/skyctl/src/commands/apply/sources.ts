/** Where manifests come from: files, directories (*.yaml, *.yml, *.json, in order of their names), stdin. */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { CliError, usageError } from '../../cli/cli-error.js';
import { EXIT } from '../../cli/exit-codes.js';

export interface Source {
  /** As a person would name it: the path, or `stdin`. */
  name: string;
  text: string;
}

const EXTENSIONS = ['.yaml', '.yml', '.json'];

/** @throws CliError (usage) that names the path. */
export function readSources(paths: readonly string[], recursive: boolean): Source[] {
  if (paths.length === 0) throw usageError('say which files: -f FILE, -f DIRECTORY, or -f - for stdin');
  return paths.flatMap((path) => {
    if (path === '-') return [{ name: 'stdin', text: reading('stdin', () => readFileSync(0, 'utf8')) }];
    if (/^https?:\/\//.test(path)) throw usageError(`${path}: download it first, then apply the file`);
    if (!reading(path, () => statSync(path).isDirectory())) return [readFile(path)];
    const files = filesIn(path, recursive);
    if (files.length === 0) {
      throw usageError(
        `directory ${path} has no ${EXTENSIONS.join(', ')} files in it`,
        recursive ? undefined : 'give -R to look into the directories inside it too',
      );
    }
    return files.map(readFile);
  });
}

function filesIn(directory: string, recursive: boolean): string[] {
  return reading(directory, () => readdirSync(directory, { withFileTypes: true }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(directory, entry.name);
      if (reading(path, () => statSync(path)).isDirectory()) return recursive ? filesIn(path, recursive) : [];
      return EXTENSIONS.includes(extname(entry.name).toLowerCase()) ? [path] : [];
    });
}

const readFile = (path: string): Source => ({ name: path, text: reading(path, () => readFileSync(path, 'utf8')) });

const WHY: Record<string, string> = {
  ENOENT: 'there is no such file or directory',
  EACCES: 'you may not read it',
  EAGAIN: 'it is empty',
};

function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new CliError({ code: EXIT.usage, summary: `${path}: ${WHY[code] ?? message}`, cause: error });
  }
}
