/**
 * Compiles a project that has programs, and makes one file of each, with one more for each part that it loads when it needs it: to load 2,500 modules
 * from as many files takes half of the CPU time of a service until it is ready. Called in the project's folder by its build, with its entries:
 * `node ../../tools/build-programs.mjs main supervisor` leaves dist/main.js and dist/supervisor.js, with dist/part-*.js, and dist/bundled.json with
 * what they are made of. What else was compiled stays beside them for whoever imports it.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import { writeBundled } from './bundled-packages.mjs';

const dist = join(process.cwd(), 'dist');
const bundled = join(process.cwd(), '.bundled');

/**
 * What stays where it is installed: machine code, OpenTelemetry's, whose SDK is loaded only where it is needed, and what some import and others load
 * when they need it. Of each there must be one copy.
 */
const APART = ['ssh2', 'cpu-features', '@opentelemetry/*', 'class-transformer', 'class-validator'];
/** Functions of a text, without state. */
const MAY_BE_TWICE = ['yaml'];

/**
 * A package that is loaded when it is needed stays where it is installed: of CommonJS esbuild would give only the default export. One that is
 * not installed is for whoever asks for it to do without. What is imported must be there.
 */
const whenNeeded = {
  name: 'when-needed',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[^./]/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (pluginData === 'asked' || kind === 'import-statement' || kind === 'entry-point') return undefined;
      const found = await resolve(path, { kind, importer, resolveDir, pluginData: 'asked' });
      if (found.errors.length > 0) return { path, external: true };
      if (found.external || kind !== 'dynamic-import' || !found.path.includes('/node_modules/')) return found;
      return { path: relative(dist, found.path), external: true };
    });
  },
};

/** By what a module asks where it is; in CommonJS it is given names for that. */
const ASKED = [
  { what: /\bimport\.meta\.url\b/g, by: '__url', of: 'file' },
  { what: /\bimport\.meta\.filename\b/g, by: '__file', of: 'file' },
  { what: /\bimport\.meta\.dirname\b/g, by: '__file', of: 'folder' },
];
const GIVEN = [
  { what: /\b__filename\b/g, by: '__file', of: 'file' },
  { what: /\b__dirname\b/g, by: '__file', of: 'folder' },
];
/** An ES module that has these names makes them itself. */
const MAKES_THEM = /\b(const|let|var|function)\s+__(dir|file)name\b|\b__(dir|file)name\s*=[^=]/;

/** A module that asks where it is is told where it was: files beside it are found from there. */
const whereItWas = {
  name: 'where-it-was',
  setup({ onLoad }) {
    onLoad({ filter: /\.[cm]?js$/ }, ({ path }) => {
      const contents = readFileSync(path, 'utf8');
      const places = { file: relative(dist, path), folder: relative(dist, dirname(path)) };
      const moved = (MAKES_THEM.test(contents) ? ASKED : [...ASKED, ...GIVEN]).reduce(
        (text, { what, by, of }) => text.replaceAll(what, `${by}(${JSON.stringify(places[of])})`),
        contents,
      );
      return moved === contents ? undefined : { loader: 'js', contents: moved };
    });
  },
};

/** @returns packages that are in the programs and are loaded from their folder besides */
function twice({ inputs, outputs }) {
  const packageOf = (path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
  const inside = new Set(Object.keys(inputs).map(packageOf));
  const loaded = Object.values(outputs).flatMap(({ imports }) => imports.filter(({ external }) => external));
  return [...new Set(loaded.map(({ path }) => packageOf(path)))].filter((name) => name && inside.has(name));
}

const BANNER = `
import { createRequire as __createRequire } from 'node:module';
import { fileURLToPath as __fileURLToPath } from 'node:url';
const require = __createRequire(import.meta.url);
const __url = (place) => new URL(place, import.meta.url).href;
const __file = (place) => __fileURLToPath(__url(place));
`.trim();

const PART = 'part-';

execFileSync('swc', ['src', '--out-dir', 'dist', '--strip-leading-paths', '--config-file', '../../.swcrc', '--quiet'], {
  stdio: 'inherit',
});
for (const name of readdirSync(dist)) if (name.startsWith(PART)) rmSync(join(dist, name));
// What a build that was broken off has left.
rmSync(bundled, { recursive: true, force: true });
const programs = process.argv.slice(2).map((name) => `${name}.js`);
const { metafile } = await build({
  entryPoints: programs.map((name) => join(dist, name)),
  outdir: bundled,
  chunkNames: `${PART}[hash]`,
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  // Those of Node and no others: esbuild would take another file of some packages for an import than for a require.
  conditions: ['node'],
  external: APART,
  plugins: [whenNeeded, whereItWas],
  banner: { js: BANNER },
  metafile: true,
  logLevel: 'warning',
});
const doubled = twice(metafile).filter((name) => !MAY_BE_TWICE.includes(name));
if (doubled.length > 0) {
  throw new Error(
    `${doubled.join(', ')}: imported by some and loaded when needed by others, so there would be two; see APART`,
  );
}
for (const name of readdirSync(bundled)) renameSync(join(bundled, name), join(dist, name));
rmSync(bundled, { recursive: true });
writeBundled(dist, { programs, paths: Object.keys(metafile.inputs).map((path) => resolve(path)) });
