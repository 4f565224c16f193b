/**
 * Bundles skyctl into two files: main.cjs with every command, and nest.cjs with the Nest container and nest-commander, which
 * only the writing commands load. reference.cjs writes the man pages (man/) and docs/skyctl.md. `node build.mjs [OUTDIR]`.
 *
 * CommonJS on purpose: importing node:http as an ES module reads all of its exports, among them WebSocket, which loads undici;
 * that alone costs 25 ms at every start. `require` reads what is used.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';

const here = import.meta.dirname;
const libs = join(here, '../../libs');
const outdir = process.argv[2] ?? join(here, 'dist');
const { version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
const require = createRequire(import.meta.url);

/** Our libraries from their sources; none has side effects, so that what is not used (zod) is not carried. */
const workspace = {
  name: 'workspace',
  setup({ onResolve }) {
    onResolve({ filter: /^@skyflow\/[a-z-]+$/ }, ({ path }) => ({
      path: join(libs, path.slice('@skyflow/'.length), 'src/index.ts'),
      sideEffects: false,
    }));
    onResolve({ filter: /^\.{1,2}\/.*\.js$/ }, ({ path, resolveDir }) =>
      resolveDir.startsWith(libs)
        ? { path: join(resolveDir, path.replace(/\.js$/, '.ts')), sideEffects: false }
        : undefined,
    );
    onResolve({ filter: /\/run-nest\.js$/ }, () => ({ path: './nest.cjs', external: true }));
  },
};

/** Parts of Nest and nest-commander that are imported but that skyctl does not use: prompts, plugins, uploads, a shell. */
const unused = {
  name: 'unused',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(inquirer|cosmiconfig|file-type|repl)$/ }, ({ path }) => ({ path, namespace: 'unused' }));
    onLoad({ filter: /.*/, namespace: 'unused' }, () => ({ contents: 'module.exports = {};' }));
  },
};
/** Parts that they load only where they are installed. */
const OPTIONAL = [
  '@nestjs/microservices',
  '@nestjs/microservices/*',
  '@nestjs/websockets/*',
  '@nestjs/platform-express',
  '@fig/complete-commander',
  'class-transformer',
  'class-validator',
];

rmSync(outdir, { recursive: true, force: true });
for (const [name, entry] of [
  ['main', 'src/main.ts'],
  ['nest', 'src/nest/run-nest.ts'],
  ['reference', 'src/reference/main.ts'],
]) {
  await build({
    absWorkingDir: here,
    entryPoints: { [name]: entry },
    outdir,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    supported: { 'dynamic-import': false },
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'linked',
    define: { SKYCTL_VERSION: JSON.stringify(version) },
    alias: {
      // The copy that nest-commander has, so that both bundles have the same one.
      commander: require.resolve('commander', { paths: [require.resolve('nest-commander')] }),
    },
    external: OPTIONAL,
    plugins: [workspace, unused],
    logLevel: 'warning',
  });
}
execFileSync(process.execPath, [join(outdir, 'reference.cjs'), 'man', join(outdir, 'man')]);
// The page in the repository is made by every build of the checkout, so that it is never older than the commands.
if (process.argv[2] === undefined) {
  execFileSync(process.execPath, [join(outdir, 'reference.cjs'), 'markdown', join(here, '../../docs/skyctl.md')]);
}
