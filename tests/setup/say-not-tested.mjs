/** A reporter for Jest: the last lines of a run say what was not tested and why; in CI, and under `npm test`, it fails the run. */
import { relative } from 'node:path';
import { isStrict, judge, readAllowed, record, skippedOf } from '../support/needs/not-tested.mjs';

export default class SayNotTested {
  #error;

  constructor({ rootDir, testNamePattern }) {
    this.fileOf = (path) => relative(rootDir, path);
    this.isFiltered = Boolean(testNamePattern);
  }

  onRunComplete(_contexts, { testResults }) {
    const { SKYFLOW_TEST_LEVEL = 'int', SKYFLOW_E2E_ON = '', SKYFLOW_NOT_TESTED: ledger } = process.env;
    const level = `${SKYFLOW_TEST_LEVEL}${SKYFLOW_E2E_ON}`;
    const { fileOf, isFiltered } = this;
    const entries = skippedOf(testResults, { level, fileOf, isFiltered });
    const files = testResults.map(({ testFilePath }) => fileOf(testFilePath));
    if (ledger !== undefined) record(ledger, { level, files, entries });
    const { lines, refused } = judge(entries, { strict: isStrict(process.env), allowed: readAllowed() });
    if (refused.length > 0) this.#error = new Error(`not tested: ${refused.join(', ')}`);
    // Behind the summary, which Jest prints when all reporters have had their say.
    if (lines.length > 0) process.once('exit', () => process.stderr.write(`\n${lines.join('\n')}\n`));
  }

  getLastError() {
    return this.#error;
  }
}
