/**
 * Files and directories as a tar stream, and back. What comes from a pod is not trusted: only files and directories below the
 * destination are made, links are left out, and nothing is written through a link.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { lstat, mkdir, readdir, readlink, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, pack, type Headers, type Pack } from 'tar-stream';
import { CliError, usageError } from '../../cli/cli-error.js';
import { EXIT } from '../../cli/exit-codes.js';

export interface LocalEntry {
  path: string;
  /** Its own name, also of `.`. */
  name: string;
}

/** @throws CliError when there is none */
export async function localEntry(path: string): Promise<LocalEntry> {
  try {
    await lstat(path);
  } catch (error) {
    throw usageError(`${path} cannot be read: ${(error as Error).message}`);
  }
  return { path, name: basename(resolve(path)) };
}

/** The archive of a file or directory under another name. */
export function packed({ path }: LocalEntry, name: string): Readable {
  const archive = pack();
  add(archive, path, name).then(
    () => archive.finalize(),
    (error: unknown) => archive.destroy(error as Error),
  );
  return archive;
}

async function add(archive: Pack, path: string, name: string): Promise<void> {
  const { mode, mtime, size, isDirectory, isLink, isFile } = await facts(path);
  const head = { name, mode: mode & 0o7777, mtime };
  if (isDirectory) {
    await put(archive, { ...head, type: 'directory' });
    for (const child of (await readdir(path)).sort()) await add(archive, join(path, child), `${name}/${child}`);
  } else if (isLink) await put(archive, { ...head, type: 'symlink', linkname: await readlink(path) });
  else if (isFile) {
    const entry = archive.entry({ ...head, type: 'file', size });
    // A file that grows meanwhile is copied as long as it was.
    await pipeline(size === 0 ? [] : createReadStream(path, { end: size - 1 }), entry);
  }
}

async function facts(path: string) {
  const found = await lstat(path);
  const { mode, mtime, size } = found;
  return {
    mode,
    mtime,
    size,
    isDirectory: found.isDirectory(),
    isLink: found.isSymbolicLink(),
    isFile: found.isFile(),
  };
}

function put(archive: Pack, head: Headers): Promise<void> {
  return new Promise((done, failed) => {
    archive.entry(head, (error) => {
      if (error) failed(error);
      else done();
    });
  });
}

export interface UnpackOptions {
  /** What the archive was made of, in the pod. */
  name: string;
  /** Where to here; if it is a directory, inside it. */
  local: string;
  note: (text: string) => void;
}

/** @throws CliError when the archive is empty or cannot be written here */
export async function unpack(archive: Readable, { name, local, note }: UnpackOptions): Promise<void> {
  const isDirectory = await stat(local)
    .then((found) => found.isDirectory())
    .catch(() => false);
  const root = resolve(isDirectory && name !== '.' ? join(local, name) : local);
  if (archive.destroyed) throw new Error('the archive broke off');
  const reading = extract();
  archive.pipe(reading);
  archive.once('close', () => {
    if (!archive.readableEnded) reading.destroy(new Error('the archive broke off'));
  });
  let made = 0;
  for await (const entry of reading) {
    const { header } = entry;
    const path = pathBelow(root, name, header.name);
    if (path === undefined) note(`left out, it is not below ${name}: ${header.name}`);
    else if (header.type === 'directory') await mkdir(path, { recursive: true });
    else if (header.type === 'file') await writeFileOf(entry, path, header.mode ?? 0o644);
    else note(`left out, it is a ${header.type ?? 'special file'}: ${header.name}`);
    if (path !== undefined) made += 1;
    entry.resume();
  }
  if (made === 0) throw new CliError({ code: EXIT.failure, summary: `nothing came of ${name}` });
}

/** Undefined when it would be somewhere else. */
function pathBelow(root: string, name: string, entry: string): string | undefined {
  const clean = entry.replace(/^\.\//, '').replace(/\/+$/, '');
  const rest =
    name === '.'
      ? clean
      : clean === name
        ? ''
        : clean.startsWith(`${name}/`)
          ? clean.slice(name.length + 1)
          : undefined;
  if (rest === undefined) return undefined;
  const path = resolve(root, rest === '.' ? '' : rest);
  return path === root || path.startsWith(root + sep) ? path : undefined;
}

async function writeFileOf(entry: Readable, path: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const before = await lstat(path).catch(() => undefined);
  if (before?.isSymbolicLink() === true) {
    throw new CliError({ code: EXIT.failure, summary: `${path} is a link here; nothing is written through links` });
  }
  await pipeline(entry, createWriteStream(path, { mode: mode & 0o777 }));
}
