import { describe, expect } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

const inDebian = await needing('a new Debian');

/**
 * The package manager's way, for real: a fresh Debian 13 root, in which the resolver installs nats-server with apt.
 * Needs root, debootstrap and a Debian mirror, and takes minutes: runs only with SKYFLOW_TEST_DEBOOTSTRAP=1.
 */
describe('systemPackage in a new Debian 13', () => {
  inDebian.it(
    'installs nats-server with apt',
    async () => {
      const root = mkdtempSync(join(tmpdir(), 'skyflow-debian-'));
      try {
        const mirror = process.env.SKYFLOW_TEST_DEBIAN_MIRROR ?? 'http://deb.debian.org/debian';
        execFileSync('debootstrap', ['--variant=minbase', 'trixie', root, mirror], { stdio: 'ignore' });
        if (existsSync('/etc/resolv.conf')) copyFileSync('/etc/resolv.conf', join(root, 'etc/resolv.conf'));
        execFileSync('chroot', [root, 'apt-get', 'update'], { stdio: 'ignore' });
        execFileSync('chroot', [root, 'apt-get', 'install', '-y', 'libstdc++6'], { stdio: 'ignore' });
        copyFileSync(process.execPath, join(root, 'usr/local/bin/node'));
        await bundleResolverInto(join(root, 'resolve.mjs'));
        const output = execFileSync('chroot', [root, '/usr/local/bin/node', '/resolve.mjs'], { encoding: 'utf8' });
        const { found, lines } = JSON.parse(output) as { found: unknown; lines: string[] };
        expect(found).toEqual({
          path: '/usr/sbin/nats-server',
          version: expect.stringMatching(/^2\.1\d\.\d+$/),
          source: 'package',
        });
        expect(lines).toContainEqual(expect.stringMatching(/^installing nats-server 2\.1\d\.\d+ with apt-get$/));
      } finally {
        rmSync(root, { recursive: true, force: true });
      }
    },
    1_200_000,
  );
});

async function bundleResolverInto(file: string): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, '..', 'index.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
  });
  const main = `
const lines = [];
const found = await resolveNatsServer({ allow: ['path', 'cache', 'package'], report: (line) => lines.push(line) });
console.log(JSON.stringify({ found, lines }));
`;
  writeFileSync(file, `${outputFiles[0]?.text ?? ''}\n${main}`);
}
