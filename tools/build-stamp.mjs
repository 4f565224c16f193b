/**
 * Whether the build has to be run. Nx without its daemon empties every `dist` and fills it again from its cache, also when nothing has
 * changed, and so takes away what programs and tests that run just then load. No dependencies, as bootstrap.mjs.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const WORKSPACES = ['libs', 'apps', 'tools'];
/** What decides how everything is built, and what the build writes outside of the workspaces. */
const SHARED = [
  'package-lock.json',
  'nx.json',
  '.swcrc',
  'tsconfig.base.json',
  'tools/build-programs.mjs',
  'docs/skyctl.md',
];
/** Folders that hold no sources. */
const NOT_SOURCES = new Set(['dist', 'generated', 'node_modules', '.cache']);

/** Of the workspace at `root`: is what was built last built from what is there now? By names, sizes and times, as make does. */
export function buildStamp(root) {
  const stamp = join(root, '.cache/built');
  return {
    isCurrent: () =>
      existsSync(stamp) &&
      projectsOf(root).every((project) => existsSync(join(project, 'dist'))) &&
      readFileSync(stamp, 'utf8') === fingerprintOf(root),
    /** A build begins: until it ends well there is nothing to rely on. */
    remove: () => rmSync(stamp, { force: true }),
    write: () => {
      mkdirSync(dirname(stamp), { recursive: true });
      writeFileSync(stamp, fingerprintOf(root));
    },
  };
}

const projectsOf = (root) =>
  WORKSPACES.flatMap((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(root, folder, name)),
  );

function fingerprintOf(root) {
  const hash = createHash('sha256').update(process.version);
  const files = [...SHARED.map((name) => join(root, name)), ...projectsOf(root).flatMap(sourcesIn)];
  for (const file of files.sort()) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${file} ${String(size)} ${String(mtimeMs)}\n`);
  }
  return hash.digest('hex');
}

function sourcesIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_SOURCES.has(entry.name) ? [] : sourcesIn(path);
    return entry.name.endsWith('.spec.ts') ? [] : [path];
  });
}
