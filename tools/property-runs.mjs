#!/usr/bin/env node
/**
 * The properties of the rules, long: each of the 100,000 runs (or SKYFLOW_PROPERTY_RUNS) in plain Node instead of Jest. The code is the
 * same; a global that Jest's contexts look up (Map, Math, Object) costs there several times what it costs here, so that a night does more.
 *
 *   node tools/property-runs.mjs [folders or spec files (default: libs/domain)] [flags of `node --test`]
 */
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const SPECS = '**/*.unit.spec.ts';
const USUAL = ['libs/domain'];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const given = process.argv.slice(2);
const flags = given.filter((argument) => argument.startsWith('-'));
const paths = given.filter((argument) => !argument.startsWith('-'));
const specs = (paths.length === 0 ? USUAL : paths).flatMap(specsIn);
if (specs.length === 0) {
  process.stderr.write(`test:properties: there is no spec with properties in ${paths.join(', ')}\n`);
  process.exit(2);
}
const bundles = join(root, '.cache/properties');
rmSync(bundles, { recursive: true, force: true });
await bundle();
const files = specs.map((spec) => join(bundles, spec.replace(/\.ts$/, '.mjs')));
const run = ['--enable-source-maps', '--test', '--test-reporter=spec', '--test-concurrency=1', ...flags, ...files];
const { status } = spawnSync(process.execPath, run, {
  stdio: 'inherit',
  env: { ...process.env, SKYFLOW_LONG: '1' },
});
process.exit(status ?? 1);

/** Files under a path, or the path itself, that use fast-check. */
function specsIn(path) {
  const found = path.endsWith('.ts') ? [path] : globSync(join(path, SPECS), { cwd: root });
  return found.filter((file) => readFileSync(join(root, file), 'utf8').includes("from 'fast-check'")).sort();
}

async function bundle() {
  const libs = globSync('libs/*/src/index.ts', { cwd: root });
  await build({
    absWorkingDir: root,
    entryPoints: specs,
    outbase: '.',
    outdir: bundles,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'warning',
    alias: {
      '@jest/globals': './tests/setup/jest-in-node.ts',
      ...Object.fromEntries(libs.map((file) => [`@skyflow/${file.split('/')[1]}`, `./${file}`])),
    },
  });
}
