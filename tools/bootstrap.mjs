#!/usr/bin/env node
/**
 * The door to every npm script: works on a fresh clone with any Node ≥ 20, installs what is missing, builds what changed,
 * and goes on with the pinned Node. Plain JavaScript, no dependencies: nothing is installed yet when it starts.
 *
 *   node tools/bootstrap.mjs up|down|check|test|test:unit|test:e2e|bench [arguments…]
 */
import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [command, ...args] = process.argv.slice(2);
let path = process.env.PATH;
/** What kube-testbed exits with where there can be none. */
const EX_UNAVAILABLE = 69;
const JEST_NODE_OPTIONS = '--experimental-vm-modules --disable-warning=ExperimentalWarning';

const commands = {
  up: () => run('node', ['tools/up/dist/main.js', 'up', ...args]),
  down: () => run('node', ['tools/up/dist/main.js', 'down', ...args]),
  bench: () => run('node', ['tools/bench/dist/main.js', ...args]),
  'test:unit': () => jest('unit', args),
  'test:e2e': () => testEndToEnd(args),
  check: async () => {
    for (const script of ['format:check', 'lint', 'typecheck', 'arch']) {
      say(`check: ${script}`);
      const code = await run('npm', ['run', '--silent', script]);
      if (code !== 0) return code;
    }
    return 0;
  },
  test: () => (args.length > 0 ? jest('int', args) : testAll()),
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
  const started = Date.now();
  const output = [];
  const code = await run('nx', ['run-many', '-t', 'build', '--outputStyle=static'], { collect: output });
  if (code !== 0) {
    process.stderr.write(Buffer.concat(output));
    fail('The build failed; its messages are above.');
  }
  if (Date.now() - started > 5_000) say(`Built in ${((Date.now() - started) / 1000).toFixed(0)} s.`);
}

/** `--on KIND` names the kind of cluster; everything else goes to Jest. */
async function testEndToEnd(given) {
  const at = given.indexOf('--on');
  const kind = at < 0 ? 'embedded' : given[at + 1];
  if (!['embedded', 'testbed', 'given'].includes(kind)) {
    fail(
      `--on ${kind ?? ''}: end-to-end tests run on embedded, testbed (Kubernetes built from source) or given (SKYFLOW_TEST_KUBECONFIG).`,
    );
  }
  if (kind === 'given' && process.env.SKYFLOW_TEST_KUBECONFIG === undefined) {
    fail('--on given: set SKYFLOW_TEST_KUBECONFIG to a kubeconfig with two contexts for tests.');
  }
  // Kubernetes is built before the tests: their time is for the tests.
  const code = kind === 'testbed' ? await run('node', ['tools/kube-testbed/dist/main.js', 'build']) : 0;
  if (code === EX_UNAVAILABLE) {
    say('End-to-end tests on testbed are skipped: there is none, for the reason above.');
    return 0;
  }
  return code || jest('e2e', at < 0 ? given : given.toSpliced(at, 2), { SKYFLOW_E2E_ON: kind });
}

/** Everything, then one line over all of it. */
async function testAll() {
  const totals = { passed: 0, failed: 0, pending: 0 };
  let code = 0;
  for (const level of ['int', 'e2e']) {
    const report = join(root, `.cache/test-${level}.json`);
    mkdirSync(dirname(report), { recursive: true });
    rmSync(report, { force: true });
    code = (await jest(level, ['--json', `--outputFile=${report}`])) || code;
    if (!existsSync(report)) continue;
    const result = JSON.parse(readFileSync(report, 'utf8'));
    totals.passed += result.numPassedTests;
    totals.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
    totals.pending += result.numPendingTests;
  }
  process.stdout.write(`\n${totals.pending} skipped\n${totals.passed} passed, ${totals.failed} failed\n`);
  return code;
}

function jest(level, jestArguments, environment = {}) {
  return run('node', ['node_modules/jest/bin/jest.js', ...jestArguments], {
    NODE_OPTIONS: JEST_NODE_OPTIONS,
    SKYFLOW_TEST_LEVEL: level,
    ...environment,
  });
}

function run(file, fileArguments, { collect, ...environment } = {}) {
  return new Promise((resolve) => {
    const child = spawn(file, fileArguments, {
      cwd: root,
      stdio: collect ? ['ignore', 'pipe', 'pipe'] : 'inherit',
      env: { ...process.env, PATH: path, NX_DAEMON: 'false', NX_NO_CLOUD: 'true', NX_TUI: 'false', ...environment },
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
