/**
 * Bundles skyctl: main.cjs with every command; nest.cjs with the Nest container and nest-commander, which only the writing commands
 * load; oidc.cjs for logins at an OpenID issuer; backup.cjs and s3.cjs with what only backups need (a client of NATS, one of S3); cluster.cjs
 * with a client of Kubernetes for uninstall; otlp.cjs with OpenTelemetry's SDK, for traces. reference.cjs writes the man pages (man/) and
 * docs/skyctl.md. `node build.mjs [OUTDIR]`.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeBundled } from '../../tools/bundled-packages.mjs';
import { bundle } from './bundle.mjs';

const here = import.meta.dirname;
const outdir = process.argv[2] ?? join(here, 'dist');

rmSync(outdir, { recursive: true, force: true });
const apart = {
  '/run-nest.js': './nest.cjs',
  '/openid-client.js': './oidc.cjs',
  '/engine.js': './backup.cjs',
  '/s3-store.js': './s3.cjs',
  '/cluster-engine.js': './cluster.cjs',
  '/otlp.js': './otlp.cjs',
};
const made = await Promise.all([
  bundle({ name: 'main', entry: 'src/main.ts', outdir, apart }),
  bundle({ name: 'nest', entry: 'src/nest/run-nest.ts', outdir }),
  bundle({ name: 'oidc', entry: 'src/oidc/openid-client.ts', outdir }),
  bundle({ name: 'backup', entry: 'src/commands/backup/engine.ts', outdir }),
  bundle({ name: 'cluster', entry: 'src/commands/uninstall/cluster-engine.ts', outdir }),
  bundle({ name: 'otlp', entry: 'src/tracing/otlp.ts', outdir }),
  bundle({ name: 's3', entry: 'src/commands/backup/s3-store.ts', outdir }),
  bundle({ name: 'reference', entry: 'src/reference/main.ts', outdir, apart }),
]);
writeBundled(outdir, { programs: ['main.cjs'], paths: made.flat() });
execFileSync(process.execPath, [join(outdir, 'reference.cjs'), 'man', join(outdir, 'man')]);
// The page in the repository is made by every build of the checkout, so that it is never older than the commands. Images have no docs.
const page = join(here, '../../docs/skyctl.md');
if (process.argv[2] === undefined && existsSync(page)) {
  execFileSync(process.execPath, [join(outdir, 'reference.cjs'), 'markdown', page]);
}
