/** Which side a word of `cp` means. */
import { usageError } from '../../cli/cli-error.js';

export interface Location {
  /** As for exec; undefined: here. */
  target: string | undefined;
  path: string;
}

/** `hello:/tmp/x`, `pod/a.b:x`; a path here has no colon before its first slash, except that of `job/` and the like. */
export function locationOf(word: string): Location {
  const [, target, path] = /^((?:[a-z]+\/)?[^/:]+):(.*)$/is.exec(word) ?? [];
  if (target === undefined || /^(\.|~)/.test(word)) return { target: undefined, path: word };
  if (path === undefined || path === '')
    throw usageError(`"${word}" names no path in the pod`, `write ${target}:/some/path`);
  return { target, path };
}

/** A path in a container as a directory and what is in it. */
export function splitPath(path: string): { directory: string; name: string } {
  const clean = path.replace(/\/+$/, '');
  const at = clean.lastIndexOf('/');
  const name = clean.slice(at + 1);
  if (name === '' || name === '..') throw usageError(`"${path}" is no file or directory that can be copied by name`);
  if (name === '.') return { directory: clean, name: '.' };
  return { directory: at < 0 ? '.' : at === 0 ? '/' : clean.slice(0, at), name };
}
