/**
 * skyctl as a package for npm: the bundles, the man pages and a starter, and no dependencies. `node package.mjs OUTDIR` writes the
 * package's directory OUTDIR/package and, by npm pack, the tarball beside it, whose path it prints.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { version } from './bundle.mjs';

const here = import.meta.dirname;
const outdir = resolve(process.argv[2] ?? join(here, 'dist/npm'));
const target = join(outdir, 'package');

rmSync(target, { recursive: true, force: true });
mkdirSync(join(target, 'bin'), { recursive: true });
execFileSync(process.execPath, [join(here, 'build.mjs'), join(target, 'dist')]);
for (const name of readdirSync(join(target, 'dist'))) {
  if (name.startsWith('reference.')) rmSync(join(target, 'dist', name));
}
// In the checkout the starter is a shell script too, which finds the pinned Node; npm makes starters of its own from the first line.
const [, , ...starter] = readFileSync(join(here, 'bin/skyctl.mjs'), 'utf8').split('\n');
writeFileSync(join(target, 'bin/skyctl.mjs'), ['#!/usr/bin/env node', ...starter].join('\n'), { mode: 0o755 });
cpSync(join(here, '../../LICENSE'), join(target, 'LICENSE'));
cpSync(join(here, '../../docs/skyctl.md'), join(target, 'README.md'));
const manifest = {
  name: '@skyflow/skyctl',
  version,
  description: 'The command line of SkyFlow: many Kubernetes clusters as one.',
  license: 'Apache-2.0',
  type: 'module',
  bin: { skyctl: 'bin/skyctl.mjs' },
  man: readdirSync(join(target, 'dist/man')).map((name) => `./dist/man/${name}`),
  files: ['bin', 'dist'],
  engines: { node: '>=22' },
};
writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', outdir], { cwd: target, encoding: 'utf8' });
process.stdout.write(`${join(outdir, JSON.parse(packed)[0].filename)}\n`);
