/** What runs on a host when nobody listens any more, over real SSH. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { SshHost } from '../../testing/ssh-host.js';
import type { DriverNode } from '../cluster-driver.js';
import { SshSession } from '../static/ssh-session.js';
import { FLAVOURS } from './flavours.js';
import { waitLines } from './node-script.js';

const withHost = await needing('sshd');

withHost.describe('a host that is waited for', () => {
  it('is let go of when the provisioner has hung up, so that the cluster can be taken off it at once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'skyflow-wait-'));
    const host = await new SshHost().start();
    try {
      const pidFile = join(folder, 'pid');
      const node = { name: 'n-0', roles: ['controlplane'] } as unknown as DriverNode;
      const never = { ...FLAVOURS.k3s, kubectl: 'false' };
      const lines = ['say() { echo "skyflow: $*"; }', `echo $$ >${pidFile}`, ...waitLines(never, node, 'k3s', 600)];
      const { port, user, keyPath } = host;
      const session = await SshSession.open({ address: '127.0.0.1', port, user, keyPath, hostKey: undefined });
      const running = session.run('sh -es', lines.join('\n'));
      await until(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8').endsWith('\n'));
      const pid = Number(readFileSync(pidFile, 'utf8'));
      expect(isAlive(pid)).toBe(true);
      await session[Symbol.asyncDispose]();
      await running;
      await until(() => !isAlive(pid));
    } finally {
      await host.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  }, 90_000);
});

async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error('it did not come to that within 60 s');
    await pause(50);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
