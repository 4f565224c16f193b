/**
 * A kubeconfig on disk: changed under the lock that kubectl takes, all or nothing, with its mode and owner.
 * Which file, and the lock: client-go, tools/clientcmd/config.go (ModifyConfig, GetDefaultFilename) and loader.go (lockFile).
 */
import {
  chownSync,
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CliError, usageError } from '../../cli/cli-error.js';
import { EXIT } from '../../cli/exit-codes.js';

/** The file itself, where `file` is a link to it: its lock and its backup are beside it. */
const targetOf = (file: string): string => (existsSync(file) ? realpathSync(file) : file);

/** Where the file as it was before is kept. */
export const backupOf = (file: string): string => `${targetOf(file)}.skyflow.bak`;

export interface ChangeOptions {
  /** Keep the file as it was in {@link backupOf}. */
  backup?: boolean;
  /** How long it may be locked by another program. */
  lockWaitMs?: number;
}

const namedFiles = (env: NodeJS.ProcessEnv): string[] =>
  (env.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '');
const usualFile = (env: NodeJS.ProcessEnv): string => join(env.HOME ?? homedir(), '.kube', 'config');

/** The file that kubectl would write into: of several in KUBECONFIG the first that exists, else the last. */
export function defaultFile(env: NodeJS.ProcessEnv): string {
  const named = namedFiles(env);
  return named.find((file) => existsSync(file)) ?? named.at(-1) ?? usualFile(env);
}

/** All files that there are of those in KUBECONFIG, and ~/.kube/config. */
export const kubeconfigFiles = (env: NodeJS.ProcessEnv): string[] =>
  [...new Set([...namedFiles(env), usualFile(env)])].filter((file) => existsSync(file));

/** @returns '' where there is no file. @throws CliError */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw failed(file, 'read', error);
  }
}

/**
 * Replaces the text of a kubeconfig by what `change` makes of it; undefined removes the file.
 * @returns undefined where nothing has changed, else the backup, if there is one. @throws CliError, and then the file is as it was
 */
export async function changeKubeconfig(
  file: string,
  change: (text: string) => string | undefined,
  { backup = false, lockWaitMs = 5000 }: ChangeOptions = {},
): Promise<{ backup?: string } | undefined> {
  const path = targetOf(file);
  try {
    makeFolder(dirname(path));
  } catch (error) {
    throw failed(file, 'written', error);
  }
  const release = await lock(path, lockWaitMs);
  try {
    const before = readText(path);
    const after = change(before);
    if (after === before) return undefined;
    const kept = backup && existsSync(path) ? { backup: backupOf(path) } : {};
    try {
      if (kept.backup !== undefined) copyFileSync(path, kept.backup);
      if (after === undefined) rmSync(path);
      else replace(path, after);
    } catch (error) {
      throw failed(file, 'written', error);
    }
    return kept;
  } finally {
    release();
  }
}

/** One folder after the other: `recursive` of mkdirSync does not return where a parent cannot have folders, as /proc (Node 24). */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}

function replace(path: string, text: string): void {
  const before = statSync(path, { throwIfNoEntry: false });
  const draft = `${path}.${process.pid}.tmp`;
  try {
    const handle = openSync(draft, 'w', before === undefined ? 0o600 : before.mode & 0o777);
    try {
      writeSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    if (before !== undefined && before.uid !== process.getuid?.()) chownSync(draft, before.uid, before.gid);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** Never broken, as kubectl never breaks it: who holds it may be a kubectl that waits for a disk. */
async function lock(path: string, waitMs: number): Promise<() => void> {
  const name = `${path}.lock`;
  const end = performance.now() + waitMs;
  for (;;) {
    try {
      closeSync(openSync(name, 'wx', 0o600));
      return () => rmSync(name, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw failed(path, 'locked', error);
    }
    if (performance.now() > end) {
      throw new CliError({
        code: EXIT.conflict,
        summary: `${path} is locked by another program: ${name} is there; it was not changed`,
        hint: `try again; if no kubectl or skyctl is running, remove ${name}`,
      });
    }
    await pause(50);
  }
}

const REASONS: Record<string, (file: string) => string> = {
  ENOENT: (file) => `${dirname(file)} cannot be made`,
  EACCES: (file) => `${dirname(file)} or the file may not be changed by this user`,
  EPERM: (file) => `${dirname(file)} or the file may not be changed`,
  EROFS: (file) => `${dirname(file)} is on a read-only file system`,
  EISDIR: () => 'it is a directory',
  ENOTDIR: (file) => `${dirname(file)} is not a directory`,
  EEXIST: (file) => `${dirname(file)} is not a directory`,
  ENOSPC: () => 'the disk is full',
};

function failed(file: string, what: string, error: unknown): CliError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const reason = REASONS[code]?.(file);
  return usageError(
    `${file} cannot be ${what}: ${reason === undefined ? message : `${reason} (${code})`}`,
    'name another file with --file, or write one of its own: skyctl kubeconfig > FILE',
  );
}
