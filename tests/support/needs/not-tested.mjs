/**
 * The list of what a run has not tested, and why; and whether that fails it. Plain JavaScript without dependencies: tools/bootstrap.mjs has
 * nothing else when it starts, and Jest's reporter is loaded as it is.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { fileURLToPath, URL } from 'node:url';

const ALLOWED = fileURLToPath(new URL('allowed.json', import.meta.url));
const UNNAMED = 'no need that has a name';
const UNNAMED_WHY = 'skipped by the file itself: use needing() of tests/support/needs';

/** What is put behind the title of a test, or of a group of tests, that is skipped for want of something. */
export const markOf = (need, why) => `[not tested: ${need} (${why})]`;
const MARK = /\[not tested: ([^(]+) \((.*)\)\]$/;

/**
 * What Jest has skipped, by file and need. @param given.isFiltered by the names of tests: then a skipped test without a mark says nothing
 * @returns {{ level: string, file: string, need: string, why: string, count: number }[]}
 */
export function skippedOf(testResults, { level, fileOf, isFiltered }) {
  return testResults.flatMap(({ testFilePath, testResults: tests }) => {
    const counts = new Map();
    for (const { status, ancestorTitles, title } of tests) {
      if (status !== 'pending' && status !== 'todo') continue;
      const mark = [...ancestorTitles, title].map((each) => MARK.exec(each)).find((match) => match !== null);
      if (mark === undefined && isFiltered) continue;
      const key = JSON.stringify(mark === undefined ? [UNNAMED, UNNAMED_WHY] : mark.slice(1, 3));
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return [...counts].map(([key, count]) => {
      const [need, why] = JSON.parse(key);
      return { level, file: fileOf(testFilePath), need, why, count };
    });
  });
}

/**
 * Whether a need that is missing fails a run: in CI always, under `npm test` (which sets SKYFLOW_SKIPS=refused) unless it was started with
 * SKYFLOW_SKIPS=allowed.
 */
export const isStrict = (environment) => environment.CI === 'true' || environment.SKYFLOW_SKIPS === 'refused';

/** Needs that CI may lack, each with its reason. */
export const readAllowed = () => JSON.parse(readFileSync(ALLOWED, 'utf8'));

/**
 * The list, a line for each need and cause, and the needs that fail the run.
 * @returns {{ lines: string[], refused: string[] }}
 */
export function judge(entries, { strict, allowed }) {
  const groups = new Map();
  for (const entry of entries) {
    const key = JSON.stringify([entry.need, entry.why]);
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  const lines = [];
  const refused = new Set();
  for (const key of [...groups.keys()].sort()) {
    const group = groups.get(key);
    const [{ need, why }] = group;
    const count = group.reduce((sum, each) => sum + each.count, 0);
    const line = `not tested: ${count} of ${need} (${why})`;
    const isAllowed = Object.hasOwn(allowed, need);
    if (!strict) lines.push(line);
    else if (isAllowed) lines.push(`${line}; CI may lack it: ${allowed[need]}`);
    else {
      refused.add(need);
      const files = [...new Set(group.map(({ file }) => file))].sort();
      lines.push(`${line}: FAILED, for these must be tested here: ${files.join(', ')}`);
    }
  }
  return { lines, refused: [...refused] };
}

/** Adds to the ledger of several runs of Jest (SKYFLOW_NOT_TESTED). @param files those that have run: what they skipped before is forgotten */
export const record = (ledger, { level, files, entries }) =>
  appendFileSync(ledger, `${JSON.stringify({ level, files, entries })}\n`);

/** @returns entries of all runs; of a file that ran twice, those of its second run */
export function readLedger(ledger) {
  const byFile = new Map();
  if (!existsSync(ledger)) return [];
  for (const line of readFileSync(ledger, 'utf8').split('\n')) {
    if (line === '') continue;
    const { level, files, entries } = JSON.parse(line);
    for (const file of files)
      byFile.set(
        `${level} ${file}`,
        entries.filter((each) => each.file === file),
      );
  }
  return [...byFile.values()].flat();
}
