/** A folder for what the spec files of one run of Jest share, such as a bundle of skyctl; workers find it in their environment. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default function runFolder() {
  process.env.SKYFLOW_TEST_RUN = mkdtempSync(join(tmpdir(), 'skyflow-run-'));
}
