/**
 * skyctl as one executable file that needs nothing installed: the pinned Node with everything in it (a single executable application of
 * Node). `node executable.mjs FILE` builds it for the platform that it runs on.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { inject } from 'postject';
import { bundle } from './bundle.mjs';

/** What Node looks for in its own file (nodejs.org/api/single-executable-applications.html). */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
const RESOURCE = 'NODE_SEA_BLOB';

const suffix = process.platform === 'win32' ? '.exe' : '';
const file = resolve(process.argv[2] ?? join(import.meta.dirname, `dist/executable/skyctl${suffix}`));
const folder = mkdtempSync(join(tmpdir(), 'skyctl-executable-'));
try {
  await bundle({ name: 'skyctl', entry: 'src/main.ts', outdir: folder });
  const [config, blob] = [join(folder, 'sea.json'), join(folder, 'skyctl.blob')];
  writeFileSync(
    config,
    JSON.stringify({
      main: join(folder, 'skyctl.cjs'),
      output: blob,
      disableExperimentalSEAWarning: true,
      // Compiled already, as the compile cache does for the bundle.
      useCodeCache: true,
    }),
  );
  execFileSync(process.execPath, ['--experimental-sea-config', config], { stdio: ['ignore', 'ignore', 'inherit'] });
  mkdirSync(dirname(file), { recursive: true });
  rmSync(file, { force: true });
  copyFileSync(process.execPath, file);
  chmodSync(file, 0o755);
  if (process.platform === 'darwin') execFileSync('codesign', ['--remove-signature', file]);
  await inject(file, RESOURCE, readFileSync(blob), {
    sentinelFuse: FUSE,
    ...(process.platform === 'darwin' ? { machoSegmentName: 'NODE_SEA' } : {}),
  });
  if (process.platform === 'darwin') execFileSync('codesign', ['--sign', '-', file]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(`${file}\n`);
