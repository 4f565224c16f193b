/**
 * What a bundle is made of: written beside it by every build that bundles (`dist/bundled.json`), read where an image's packages are listed
 * (deploy/images/keep.mjs). Shape: `{ programs: ["main.js"], packages: ["node_modules/fastify", "libs/domain"] }`, folders from the root on.
 */
import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = join(import.meta.dirname, '..');
const PACKAGE = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)|^(?:apps|libs)\/[^/]+(?=\/)/;

/**
 * @param {Iterable<string>} paths of files, absolute
 * @returns {string[]} the packages that they belong to, as npm calls their locations, sorted
 */
export function packagesOf(paths) {
  const found = new Set();
  for (const path of paths) {
    const [folder] = PACKAGE.exec(relative(root, path).replaceAll('\\', '/')) ?? [];
    if (folder !== undefined) found.add(folder);
  }
  return [...found].sort();
}

/**
 * @param {string} dist where the bundle is
 * @param {{ programs: string[], paths: Iterable<string> }} bundle files in `dist` to start, and all that the bundle was made of, absolute
 */
export function writeBundled(dist, { programs, paths }) {
  const content = { programs: [...programs].sort(), packages: packagesOf(paths) };
  writeFileSync(join(dist, 'bundled.json'), `${JSON.stringify(content, undefined, 1)}\n`);
}
