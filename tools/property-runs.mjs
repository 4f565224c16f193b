/**
 * The properties of the rules, long: each of the 100,000 runs (or SKYFLOW_PROPERTY_RUNS) in plain Node instead of Jest. The code is the
 * same; a global that Jest's contexts look up (Map, Math, Object) costs there several times what it costs here, so that a night does more.
 */
import { globSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const SPECS = '**/*.unit.spec.ts';
const USUAL = ['libs/domain'];

/**
 * @param given folders or spec files (default: libs/domain), and flags of `node --test`
 * @returns the exit code
 */
export async function propertyRuns({ root, run, fail }, given) {
  const flags = given.filter((argument) => argument.startsWith('-'));
  const paths = given.filter((argument) => !argument.startsWith('-'));
  const specs = (paths.length === 0 ? USUAL : paths).flatMap((path) => specsIn(root, path));
  if (specs.length === 0) fail(`test:properties: no spec with properties in ${paths.join(', ')}`);
  const bundles = join(root, '.cache/properties');
  rmSync(bundles, { recursive: true, force: true });
  await bundle(root, specs, bundles);
  const files = specs.map((spec) => join(bundles, spec.replace(/\.ts$/, '.mjs')));
  return run('node', ['--test', '--test-reporter=spec', '--test-concurrency=1', ...flags, ...files], {
    NODE_OPTIONS: '--enable-source-maps',
    SKYFLOW_LONG: '1',
  });
}

/** Files under a path, or the path itself, that use fast-check. */
function specsIn(root, path) {
  const found = path.endsWith('.ts') ? [path] : globSync(join(path, SPECS), { cwd: root });
  return found.filter((file) => readFileSync(join(root, file), 'utf8').includes("from 'fast-check'")).sort();
}

async function bundle(root, specs, outdir) {
  const { build } = await import('esbuild');
  const libs = globSync('libs/*/src/index.ts', { cwd: root });
  await build({
    absWorkingDir: root,
    entryPoints: specs,
    outbase: '.',
    outdir,
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
