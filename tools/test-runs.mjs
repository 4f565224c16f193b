/**
 * Which tests run where, for tools/bootstrap.mjs: units and integration on this machine alone, the end-to-end suites on one
 * kind of member clusters or on two kinds, and the one line that adds all of it up. No dependencies, as bootstrap.mjs.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { meshStress, stressOptions } from '../tests/support/mesh-stress/mesh-stress.mjs';
import { isStrict, judge, readAllowed, readLedger, record } from '../tests/support/needs/not-tested.mjs';

const JEST_NODE_OPTIONS = '--experimental-vm-modules --disable-warning=ExperimentalWarning';
/** What kube-testbed and with-engine.mjs exit with where there can be none (sysexits.h). */
const EX_UNAVAILABLE = 69;

const WITH_ENGINE = ['tests/images/with-engine.mjs'];

/** What there can be to run on, and what makes it ready; what is made from nothing needs no making. Suites share clusters that are given. */
const KINDS = {
  embedded: { says: 'in-memory clusters', prepare: undefined },
  testbed: { says: 'Kubernetes built from source', prepare: ['build'] },
  k3s: { says: 'k3s in Docker', prepare: ['build', '--provider', 'k3s'] },
  given: { says: 'SKYFLOW_TEST_KUBECONFIG', prepare: undefined, jest: ['--runInBand'] },
};
/** In CI so many files that failed beside others get a second try alone; more of them are no accident. */
const AGAIN_AT_MOST = 3;
/**
 * The end-to-end files that `npm test` runs on the in-memory clusters: what `npm run up` makes by itself, service addresses (a testbed has no
 * kube-proxy), and what asks the control plane alone. The others run on the real API of a testbed, or here too where there can be none.
 */
const ON_EMBEDDED = `tests/e2e/(${[
  ...['bad-input', 'docs', 'lifecycle', 'observability', 'oidc-login', 'seed-readme', 'walk-through'],
  ...['mcs', 'mesh-faults', 'nats-access', 'services'],
  ...['client-go', 'faults', 'provisioning', 'provisioning-kills'],
].join('|')})\\.e2e\\.spec\\.ts$`;
/** Where specs are. */
const FOLDERS = ['apps', 'libs', 'tests', 'tools'];
/** Whole levels that a machine may be unable to run: what they need, the files, and what brings it. */
const LEVELS = {
  testbed: { need: 'kube-apiserver', end: '.testbed.spec.ts', way: 'install Go 1.26 (https://go.dev/dl)' },
  k3s: { need: 'container engine', end: '.e2e.spec.ts', way: 'bash .ci/packages, or start Docker' },
  images: { need: 'container engine', end: '.images.spec.ts', way: 'bash .ci/packages, or start Docker' },
};

/** Of `--seeds N` and `--seed N`. */
const numbersOf = (given) =>
  Object.fromEntries(
    given.flatMap((flag, at) =>
      /^--seeds?$/.test(flag) && /^\d+$/.test(given[at + 1] ?? '') ? [[flag.slice(2), given[at + 1]]] : [],
    ),
  );

/** `run(file, args, environment)` resolves to the exit code; `fail` does not return. */
export function testRuns({ root, run, say, fail }) {
  /** Levels that could not be run. */
  const lacked = new Set();
  return { jest, endToEnd, images, mesh, provisioner, all };

  function jest(level, jestArguments, environment = {}) {
    return run('node', ['node_modules/jest/bin/jest.js', ...jestArguments], {
      NODE_OPTIONS: JEST_NODE_OPTIONS,
      SKYFLOW_TEST_LEVEL: level,
      ...environment,
    });
  }

  /** Between network namespaces; `--repeat N` and `--load N`: so many times, beside so many busy loops. */
  async function mesh(given) {
    try {
      const options = stressOptions(given);
      return await (options === undefined ? jest('mesh', given) : meshStress({ root, jest }, options));
    } catch (error) {
      return fail(error.message);
    }
  }

  /** In Docker, where an engine runs or can be started. */
  async function images(given) {
    const code = await run('node', [...WITH_ENGINE, 'node', 'node_modules/jest/bin/jest.js', '--runInBand', ...given], {
      NODE_OPTIONS: JEST_NODE_OPTIONS,
      SKYFLOW_TEST_LEVEL: 'images',
    });
    return code === EX_UNAVAILABLE ? unavailable('images') : code;
  }

  /** A level that cannot run here is a list like that of a run. @returns the exit code: 0 where it may be lacked */
  function unavailable(level) {
    lacked.add(level);
    const { need, end, way } = LEVELS[level];
    const files = filesOf(end);
    const why = `it cannot be had, for the reason above: ${way}`;
    const entries = files.map((file) => ({ level, file, need, why, count: 1 }));
    if (process.env.SKYFLOW_NOT_TESTED !== undefined) record(process.env.SKYFLOW_NOT_TESTED, { level, files, entries });
    const { lines, refused } = judge(entries, { strict: isStrict(process.env), allowed: readAllowed() });
    say(lines.join('\n'));
    return refused.length > 0 ? 1 : 0;
  }

  /**
   * State machine, drivers, and a cluster that is built, used and taken down. `--seeds N [--seed FIRST]`: only so many lives of a cluster,
   * over which the provisioner is killed again and again. `--each [KILLS] [--done FILE]`: at each point of a life once, so many in a life;
   * a run that was broken off goes on by the points in FILE.
   */
  async function provisioner(given) {
    const { seeds, seed } = numbersOf(given);
    const each = given.indexOf('--each');
    if (each >= 0) {
      const kills = /^\d+$/.test(given[each + 1] ?? '') ? { SKYFLOW_KILLS_PER_LIFE: given[each + 1] } : {};
      const done = given.indexOf('--done');
      if (done >= 0 && given[done + 1] === undefined) fail('--done: name the file that keeps where it was killed.');
      const file = done < 0 ? {} : { SKYFLOW_KILLS_DONE: resolve(given[done + 1]) };
      return jest('e2e', ['tests/e2e/provisioning-kills'], { SKYFLOW_KILLS: 'each', ...kills, ...file });
    }
    if (seeds !== undefined) {
      const environment = { SKYFLOW_SEEDS: seeds, ...(seed === undefined ? {} : { SKYFLOW_SEED: seed }) };
      return jest('e2e', ['tests/e2e/provisioning-kills'], environment);
    }
    const parts = ['libs/domain/src/provisioning', 'apps/provisioner'];
    return (await jest('int', [...parts, ...given])) || jest('e2e', ['tests/e2e/provisioning', ...given]);
  }

  /** `--on KIND` names the kind of cluster; everything else goes to Jest. */
  async function endToEnd(given) {
    const at = given.findIndex((argument) => argument === '--on' || argument.startsWith('--on='));
    const [kind, width] =
      at < 0 ? ['embedded', 0] : given[at] === '--on' ? [given[at + 1], 2] : [given[at].slice(5), 1];
    if (!Object.hasOwn(KINDS, kind ?? '')) {
      const kinds = Object.entries(KINDS).map(([name, { says }]) => `${name} (${says})`);
      fail(`--on ${kind ?? ''}: end-to-end tests run on ${kinds.join(', ')}.`);
    }
    if (kind === 'given' && process.env.SKYFLOW_TEST_KUBECONFIG === undefined) {
      fail('--on given: set SKYFLOW_TEST_KUBECONFIG to a kubeconfig with two contexts for tests.');
    }
    const ready = await prepare(kind);
    if (ready === EX_UNAVAILABLE) return unavailable(kind);
    const { jest: options = [] } = KINDS[kind];
    return ready || jest('e2e', [...options, ...(at < 0 ? given : given.toSpliced(at, width))], environmentOf(kind));
  }

  /**
   * Everything, then what was not tested, and one line over all of it. What a package manager can bring is installed; what is missing then
   * fails it, but for what CI may lack (tests/support/needs/allowed.json). SKYFLOW_SKIPS=allowed takes any machine as it is, except in CI.
   */
  async function all() {
    const totals = { passed: 0, failed: 0, skipped: 0, flaky: [] };
    const { SKYFLOW_NOT_TESTED: ledger = join(root, '.cache/not-tested.jsonl') } = process.env;
    mkdirSync(dirname(ledger), { recursive: true });
    // Given: what ran before under the same command is in it.
    if (process.env.SKYFLOW_NOT_TESTED === undefined) rmSync(ledger, { force: true });
    Object.assign(process.env, { SKYFLOW_NOT_TESTED: ledger, SKYFLOW_SKIPS: process.env.SKYFLOW_SKIPS ?? 'refused' });
    await run('bash', ['.ci/packages']);
    let code = await counted(totals, 'int', '', (given) => jest('int', given));
    code = (await counted(totals, 'mesh', '', (given) => jest('mesh', given))) || code;
    const real = await prepare('testbed');
    const of = (kind, chosen) =>
      counted(totals, 'e2e', kind, (given) => jest('e2e', [...chosen, ...given], environmentOf(kind)));
    code = (await of('embedded', real === 0 ? [`--testPathPatterns=${ON_EMBEDDED}`] : [])) || code;
    if (real === 0) code = (await of('testbed', [`--testPathIgnorePatterns=${ON_EMBEDDED}`])) || code;
    else if (real === EX_UNAVAILABLE) {
      totals.skipped += filesOf(LEVELS.testbed.end).length;
      code = unavailable('testbed') || code;
    } else {
      totals.failed += 1;
      code = real;
    }
    // An image takes minutes to build: whoever runs the tests by hand asks for it (npm run test:images).
    if (process.env.CI === 'true') code = (await counted(totals, 'images', '', images)) || code;
    const { lines, refused } = judge(readLedger(ledger), { strict: isStrict(process.env), allowed: readAllowed() });
    totals.failed += refused.length;
    const flaky = totals.flaky.map((file) => `flaky: ${file} failed beside others and passed alone`);
    const notRun = process.env.CI === 'true' ? [] : ['not run by npm test: npm run test:console, npm run test:images'];
    process.stdout.write(`\n${[...lines, ...flaky, ...notRun].join('\n')}\n`);
    const { passed, failed, skipped } = totals;
    process.stdout.write(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
    return code || (failed > 0 ? 1 : 0);
  }

  /** Where they cannot run, a file counts as one test. */
  function filesOf(end) {
    const names = FOLDERS.flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
    );
    return names.filter((name) => name.endsWith(end) && !name.includes('node_modules'));
  }

  /** Runs one level and adds what it counts. A run that leaves no report has failed, unless it could not be here. */
  async function counted(totals, level, kind, start) {
    const name = [level, kind].filter(Boolean).join('-');
    const report = join(root, `.cache/test-${name}.json`);
    mkdirSync(dirname(report), { recursive: true });
    rmSync(report, { force: true });
    say(`\nTests: ${name}`);
    const code = await start(['--json', `--outputFile=${report}`]);
    const result = readReport(report);
    if (result === undefined && lacked.has(level)) {
      totals.skipped += filesOf(LEVELS[level].end).length;
      return code;
    }
    if (result === undefined) {
      say(`Tests: ${name} ended with ${code} and left no report: counted as one failure.`);
      totals.failed += 1;
      return code || 1;
    }
    const failed = result.testResults.filter(({ status }) => status === 'failed');
    if (process.env.CI !== 'true' || failed.length === 0 || failed.length > AGAIN_AT_MOST) {
      add(totals, countOf(result));
      return code;
    }
    const files = failed.map(({ name: file }) => file);
    say(`\nTests: ${name}, once more and alone: ${files.map((file) => relative(root, file)).join(', ')}`);
    rmSync(report);
    const again = await start(['--json', `--outputFile=${report}`, '--runInBand', '--runTestsByPath', ...files]);
    const second = readReport(report);
    if (second === undefined) {
      add(totals, countOf(result));
      return again || code;
    }
    const isMended = ({ name: file }) =>
      second.testResults.some((each) => each.name === file && each.status === 'passed');
    const flaky = failed.filter(isMended).map(({ name: file }) => relative(root, file));
    if (flaky.length > 0) say(`Tests: ${name}: FLAKY: ${flaky.join(', ')}. Look at what they wait for.`);
    totals.flaky.push(...flaky);
    add(totals, countOf(result));
    add(totals, countOf(result, failed), -1);
    add(totals, countOf(second));
    return again;
  }

  /** Before the tests: their time is for the tests. @returns 0, EX_UNAVAILABLE with a line that says why, or what it failed with */
  async function prepare(kind) {
    const words = KINDS[kind].prepare;
    if (words === undefined) return 0;
    const code = await run('node', ['tools/kube-testbed/dist/main.js', ...words]);
    return code;
  }
}

/** What Jest's report counts, of all files or of `files` alone. */
function countOf(report, files = undefined) {
  if (files === undefined) {
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  }
  const tests = files.flatMap(({ assertionResults }) => assertionResults.map(({ status }) => status));
  const withoutTests = files.filter(({ assertionResults }) => assertionResults.length === 0).length;
  const passed = tests.filter((status) => status === 'passed').length;
  const failed = tests.filter((status) => status === 'failed').length;
  return { passed, failed: failed + withoutTests, skipped: tests.length - passed - failed };
}

function add(totals, counts, sign = 1) {
  for (const [name, count] of Object.entries(counts)) totals[name] += sign * count;
}

const environmentOf = (kind) => ({ SKYFLOW_E2E_ON: kind });

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined; // it died before, or while writing
  }
}
