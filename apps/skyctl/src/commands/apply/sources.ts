/** Where manifests come from: files, directories (*.yaml, *.yml, *.json, in order of their names), addresses, stdin, kustomizations. */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { stdin } from 'node:process';
import { text } from 'node:stream/consumers';
import { CliError, usageError } from '../../cli/cli-error.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { Flags } from '../../cli/flags.js';
import type { Session } from '../../session.js';
import type { Source } from './source.js';

const EXTENSIONS = ['.yaml', '.yml', '.json'];

/** Everything that -f and -k name. @throws CliError (usage) that names the path. */
export async function sourcesOf(session: Session, flags: Flags): Promise<Source[]> {
  const kustomization = flags.text('kustomize');
  const files = flags.list('filename');
  if (kustomization === undefined) return await readSources(files, flags.on('recursive'));
  if (files.length > 0) throw usageError('give either -f or -k', 'a kustomization names its own files');
  const { buildKustomization } = await import('./kustomize.js');
  return [await buildKustomization(kustomization, session.env)];
}

/** @throws CliError (usage) that names the path. */
export async function readSources(paths: readonly string[], recursive: boolean): Promise<Source[]> {
  if (paths.length === 0)
    throw usageError('say which files: -f FILE, -f DIRECTORY, -f URL, -k DIRECTORY, or -f - for stdin');
  const sources: Source[] = [];
  for (const path of paths) sources.push(...(await readSource(path, recursive)));
  return sources;
}

async function readSource(path: string, recursive: boolean): Promise<Source[]> {
  // Read as a stream: what comes by `docker exec`, or from another program of Node, may not be there yet, and a plain read then fails (EAGAIN).
  if (path === '-') return [{ name: 'stdin', text: await text(stdin) }];
  if (/^https?:\/\//i.test(path)) {
    const { download } = await import('./download.js');
    return [{ name: path, text: await download(path) }];
  }
  if (!reading(path, () => statSync(path).isDirectory())) return [readFile(path)];
  const files = filesIn(path, recursive);
  if (files.length > 0) return files.map(readFile);
  throw usageError(
    `directory ${path} has no ${EXTENSIONS.join(', ')} files in it`,
    recursive ? undefined : 'give -R to look into the directories inside it too',
  );
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
};

function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new CliError({ code: EXIT.usage, summary: `${path}: ${WHY[code] ?? message}`, cause: error });
  }
}
