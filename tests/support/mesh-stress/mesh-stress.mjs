/**
 * The mesh suite again and again on a busy machine: `npm run test:mesh -- --repeat 50 --load 4`. What is left of the arguments goes to Jest.
 * Each run prints a line; the last line adds all of them up, with the connections that the clients of the suite made. No dependencies, as
 * bootstrap.mjs.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

/** File to which every client of the suite appends a line of JSON: `{"made": n, "failed": {"<code>": n}}`. */
export const COUNTS = 'SKYFLOW_MESH_COUNTS';
const FLAGS = { '--repeat': { least: 1, most: 10_000 }, '--load': { least: 0, most: 256 } };

/**
 * @param {string[]} given arguments of the command.
 * @returns {{ repeat: number, load: number, rest: string[] } | undefined} undefined: neither flag is there, so it is one plain run.
 * @throws {Error} a flag is given twice, has no number, or one that is out of range.
 */
export function stressOptions(given) {
  const found = {};
  const rest = [];
  for (let at = 0; at < given.length; at++) {
    const [flag, inline] = given[at].split('=', 2);
    if (!Object.hasOwn(FLAGS, flag)) {
      rest.push(given[at]);
      continue;
    }
    const { least, most } = FLAGS[flag];
    const value = inline ?? given[++at];
    if (found[flag] !== undefined) throw new Error(`${flag} is given twice.`);
    if (!/^\d+$/.test(value ?? '') || Number(value) < least || Number(value) > most) {
      throw new Error(`${flag} ${value ?? ''}: must be a whole number from ${least} to ${most}.`);
    }
    found[flag] = Number(value);
  }
  if (Object.keys(found).length === 0) return undefined;
  return { repeat: found['--repeat'] ?? 1, load: found['--load'] ?? 0, rest };
}

/** Adds up lines of {@link COUNTS}. @param {string} text */
export function countConnections(text) {
  const total = { made: 0, failed: 0, byCode: {} };
  for (const line of text.split('\n').filter(Boolean)) {
    const { made, failed } = JSON.parse(line);
    total.made += made;
    for (const [code, count] of Object.entries(failed)) {
      total.failed += count;
      total.byCode[code] = (total.byCode[code] ?? 0) + count;
    }
  }
  return total;
}

/**
 * Runs the suite `repeat` times beside `load` busy loops, which end with it whatever happens.
 *
 * @param {{ root: string, jest: (level: string, args: string[], environment: object) => Promise<number> }} machine
 * @returns {Promise<number>} exit code: 0 when every test of every run passed and none was skipped.
 */
export async function meshStress({ root, jest }, { repeat, load, rest }) {
  const folder = join(root, '.cache');
  mkdirSync(folder, { recursive: true });
  const [report, counts] = [join(folder, 'mesh-stress.json'), join(folder, 'mesh-stress-counts.jsonl')];
  const total = { passed: 0, failed: 0, skipped: 0, made: 0, lost: 0 };
  const stop = busyLoops(load);
  try {
    for (let run = 1; run <= repeat; run++) {
      for (const file of [report, counts]) rmSync(file, { force: true });
      const since = Date.now();
      const code = await jest('mesh', ['--json', `--outputFile=${report}`, ...rest], { [COUNTS]: counts });
      const { passed, failed, skipped } = outcomeOf(report, code);
      const { made, failed: lost, byCode } = countConnections(read(counts) ?? '');
      for (const [name, count] of Object.entries({ passed, failed, skipped, made, lost })) total[name] += count;
      const seconds = ((Date.now() - since) / 1000).toFixed(0);
      const codes = lost > 0 ? ` ${JSON.stringify(byCode)}` : '';
      print(`run ${run} of ${repeat}: ${results({ passed, failed, skipped, made, lost })}${codes}, ${seconds} s`);
      if (code === 130) break;
    }
  } finally {
    stop();
  }
  print(results(total));
  return total.failed + total.skipped > 0 ? 1 : 0;
}

/** Processes that take all the CPU they get. @returns stops them */
function busyLoops(count) {
  const script =
    "process.stdin.on('end', () => process.exit(0)).resume(); const turn = () => { for (const end = Date.now() + 50; Date.now() < end; ); setImmediate(turn); }; turn();";
  // Each also ends with this process, as its stdin does.
  const all = Array.from({ length: count }, () =>
    spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'ignore', 'ignore'], env: { PATH: process.env.PATH } }),
  );
  return () => all.forEach((each) => each.kill('SIGKILL'));
}

/** A run that leaves no report, or fails beside its tests, is one failure. */
function outcomeOf(report, code) {
  const text = read(report);
  if (text === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const {
    numPassedTests: passed,
    numFailedTests,
    numRuntimeErrorTestSuites,
    numPendingTests,
    numTodoTests,
  } = JSON.parse(text);
  const failed = numFailedTests + numRuntimeErrorTestSuites;
  return { passed, failed: failed === 0 && code !== 0 ? 1 : failed, skipped: numPendingTests + numTodoTests };
}

const results = ({ passed, failed, skipped, made, lost }) =>
  `${passed} passed, ${failed} failed, ${skipped} skipped; ${made} connections made, ${lost} failed`;

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
