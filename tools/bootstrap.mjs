#!/usr/bin/env node
/**
 * The door to every npm script: works on a fresh clone with any Node ≥ 20, installs what is missing, builds what changed,
 * and goes on with the pinned Node. Plain JavaScript, no dependencies: nothing is installed yet when it starts.
 *
 *   node tools/bootstrap.mjs up|down|build|check|test|test:provisioner|test:unit|test:properties|test:e2e|test:images|test:console|test:mesh|test:upgrade|test:faults|bench [arguments…]
 */
import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildStamp } from './build-stamp.mjs';
import { testRuns } from './test-runs.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [command, ...args] = process.argv.slice(2);
/** What Node has compiled is kept, so that the next start of each program takes a quarter less of a CPU. */
const NODE_COMPILE_CACHE = join(root, '.cache/compile');
const NX = { NX_DAEMON: 'false', NX_NO_CLOUD: 'true', NX_TUI: 'false' };
let path = process.env.PATH;
const tests = testRuns({ root, run, say, fail });

const commands = {
  up: () => run('node', ['tools/up/dist/main.js', 'up', ...args]),
  down: () => run('node', ['tools/up/dist/main.js', 'down', ...args]),
  bench: () => run('node', ['tools/bench/dist/main.js', ...args]),
  /** Install and build, and nothing more. */
  build: () => 0,
  'test:provisioner': () => tests.provisioner(args),
  'test:unit': () => tests.jest('unit', args),
  'test:properties': () => run('node', ['tools/property-runs.mjs', ...args]),
  'test:e2e': () => tests.endToEnd(args),
  'test:images': () => tests.images(args),
  'test:console': () => tests.jest('console', args),
  'test:mesh': () => tests.mesh(args),
  'test:upgrade': () => tests.jest('int', ['tests/upgrade', ...args]),
  'test:faults': () => run('node', ['tools/faults/dist/main.js', ...args]),
  check: async () => {
    for (const script of ['format:check', 'lint', 'typecheck', 'arch']) {
      say(`check: ${script}`);
      const code = await run('npm', ['run', '--silent', script]);
      if (code !== 0) return code;
    }
    return 0;
  },
  test: () => (args.length > 0 ? tests.jest('int', args) : tests.all()),
};

if (!Object.hasOwn(commands, command ?? '')) {
  fail(`"${command ?? ''}" is not a command. Commands: ${Object.keys(commands).join(', ')}.`);
}
if (Number(process.versions.node.split('.')[0]) < 20) {
  fail(
    `Node ${process.versions.node} is too old to install SkyFlow: install Node 20 or newer (https://nodejs.org), then try again.`,
  );
}

// Ctrl-C reaches the whole process group; the child decides when it has stopped.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {});

await install();
path = pinnedPath();
if (command !== 'down' || !existsSync(join(root, 'tools/up/dist/main.js'))) await build();
process.exit(await commands[command]());

/** `npm ci` when node_modules is not what package-lock.json says. */
async function install() {
  const stamp = join(root, 'node_modules/.skyflow-installed');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say('Installing packages (npm ci) …');
  const code = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel', 'error']);
  if (code !== 0)
    fail('npm ci failed; its message is above. Check the network and the npm registry setting, then try again.');
  writeFileSync(stamp, wanted);
}

/** PATH with the pinned Node and the installed commands first. */
function pinnedPath() {
  const bin = join(root, 'node_modules/.bin');
  if (!existsSync(join(bin, 'node')) && Number(process.versions.node.split('.')[0]) < 24) {
    fail(
      `No pinned Node for ${process.platform}-${process.arch} came with the packages, and this one is ${process.versions.node}: ` +
        'install Node 24 (https://nodejs.org), then try again.',
    );
  }
  return [bin, dirname(process.execPath), process.env.PATH].join(delimiter);
}

/** Builds what changed; quiet when nothing did. */
async function build() {
  const stamp = buildStamp(root);
  if (stamp.isCurrent()) return;
  stamp.remove();
  const started = Date.now();
  const output = [];
  const code = await run('nx', ['run-many', '-t', 'build', '--outputStyle=static'], { collect: output });
  if (code !== 0) {
    process.stderr.write(Buffer.concat(output));
    fail('The build failed; its messages are above.');
  }
  stamp.write();
  if (Date.now() - started > 5_000) say(`Built in ${((Date.now() - started) / 1000).toFixed(0)} s.`);
}

function run(file, fileArguments, { collect, ...environment } = {}) {
  return new Promise((resolve) => {
    const child = spawn(file, fileArguments, {
      cwd: root,
      stdio: collect ? ['ignore', 'pipe', 'pipe'] : 'inherit',
      env: { NODE_COMPILE_CACHE, ...process.env, PATH: path, ...NX, ...environment },
    });
    child.stdout?.on('data', (chunk) => collect.push(chunk));
    child.stderr?.on('data', (chunk) => collect.push(chunk));
    child.on('error', (error) => {
      process.stderr.write(`${file}: ${error.message}\n`);
      resolve(127);
    });
    child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}
