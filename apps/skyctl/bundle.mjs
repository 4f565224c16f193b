/**
 * How skyctl is bundled, with esbuild. CommonJS on purpose: importing node:http as an ES module reads all of its exports, among them
 * WebSocket, which loads undici; that alone costs 25 ms at every start. `require` reads what is used.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { directImports } from './direct-imports.mjs';

const here = import.meta.dirname;
const libs = join(here, '../../libs');
const require = createRequire(import.meta.url);

export const { version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));

/**
 * One entry as one file.
 * @param apart modules (by the end of their name) that are loaded from a file of their own beside it.
 * @returns the files that it was made of, absolute.
 */
export async function bundle({ name, entry, outdir, apart = {} }) {
  const { metafile } = await build({
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
    plugins: [directImports(libs), workspace(apart), unused],
    metafile: true,
    logLevel: 'warning',
  });
  return Object.keys(metafile.inputs).map((path) => join(here, path));
}

/** Our libraries from their sources; none has side effects, so that what is not used (zod) is not carried. */
const workspace = (apart) => ({
  name: 'workspace',
  setup({ onResolve }) {
    onResolve({ filter: /^@skyflow\/[a-z-]+$/ }, ({ path }) => ({
      path: join(libs, path.slice('@skyflow/'.length), 'src/index.ts'),
      sideEffects: false,
    }));
    onResolve({ filter: /^\.{1,2}\/.*\.js$/ }, ({ path, resolveDir }) => {
      const file = Object.keys(apart).find((end) => path.endsWith(end));
      if (file !== undefined) return { path: apart[file], external: true };
      return resolveDir.startsWith(libs)
        ? { path: join(resolveDir, path.replace(/\.js$/, '.ts')), sideEffects: false }
        : undefined;
    });
  },
});

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
