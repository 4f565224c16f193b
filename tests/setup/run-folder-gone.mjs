/** What run-folder.mjs has made. */
import { rmSync } from 'node:fs';

export default function runFolderGone() {
  rmSync(process.env.SKYFLOW_TEST_RUN, { recursive: true, force: true });
}
