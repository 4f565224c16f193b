/**
 * A host for tests: a real sshd on loopback with a key of its own, and a socket at which Docker seems to answer. Where there is no sshd,
 * or it may not be started, `missing` says why.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import getPort from 'get-port';

const SSHD = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/opt/homebrew/sbin/sshd'].find((path) => existsSync(path));
const RUN_FOLDER = '/run/sshd';

export class SshHost {
  readonly user = userInfo().username;
  readonly keyPath: string;
  readonly dockerSocket: string;
  port = 0;
  private readonly folder = mkdtempSync(join(tmpdir(), 'skyflow-ssh-'));
  private sshd: ChildProcess | undefined;
  private ended: Promise<unknown> | undefined;
  private docker: Server | undefined;

  /**
   * @param addresses on which it listens: those of 127.0.0.0/8 are all of this machine.
   * @param command run instead of whatever is asked for; it finds that in SSH_ORIGINAL_COMMAND
   */
  constructor(
    private readonly addresses: readonly string[] = ['127.0.0.1'],
    private readonly command?: string,
  ) {
    this.keyPath = join(this.folder, 'user');
    this.dockerSocket = join(this.folder, 'docker.sock');
  }

  /** Why there can be none here; undefined: there can. */
  static get missing(): string | undefined {
    if (SSHD === undefined) return 'sshd is missing: apt-get install openssh-server';
    return process.getuid?.() === 0 || existsSync(RUN_FOLDER) ? undefined : `${RUN_FOLDER} is missing: run it as root`;
  }

  /** As ssh-keyscan prints it. */
  get hostKey(): string {
    return readFileSync(join(this.folder, 'host.pub'), 'utf8').trim().split(' ').slice(0, 2).join(' ');
  }

  async start(dockerVersion = '24.0.9'): Promise<this> {
    if (process.getuid?.() === 0) mkdirSync(RUN_FOLDER, { recursive: true });
    for (const name of ['host', 'user']) {
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(this.folder, name)]);
    }
    writeFileSync(join(this.folder, 'authorized_keys'), readFileSync(`${this.keyPath}.pub`), { mode: 0o600 });
    this.port = await freePort();
    const config = [
      `Port ${String(this.port)}`,
      ...this.addresses.map((address) => `ListenAddress ${address}`),
      `HostKey ${join(this.folder, 'host')}`,
      `AuthorizedKeysFile ${join(this.folder, 'authorized_keys')}`,
      `PidFile ${join(this.folder, 'sshd.pid')}`,
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'PermitRootLogin prohibit-password',
      'AllowTcpForwarding yes',
      'AllowStreamLocalForwarding yes',
      ...(this.command === undefined ? [] : [`ForceCommand ${this.command}`]),
    ];
    writeFileSync(join(this.folder, 'sshd_config'), config.join('\n'));
    this.sshd = spawn(SSHD ?? 'sshd', ['-D', '-e', '-f', join(this.folder, 'sshd_config')], { stdio: 'ignore' });
    this.ended = once(this.sshd, 'exit');
    this.docker = createHttpServer((_request, response) => response.end(JSON.stringify({ Version: dockerVersion })));
    await new Promise<void>((resolve) => this.docker?.listen(this.dockerSocket, resolve));
    await this.answers();
    return this;
  }

  /** Lets in who has the key, as cloud-init does with that of a machine. */
  authorize(publicKey: string): void {
    appendFileSync(join(this.folder, 'authorized_keys'), `${publicKey.trim()}\n`);
  }

  async stop(): Promise<void> {
    this.sshd?.kill('SIGTERM');
    await this.ended;
    this.docker?.closeAllConnections();
    await new Promise<void>((resolve) => (this.docker === undefined ? resolve() : this.docker.close(() => resolve())));
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async answers(): Promise<void> {
    const deadline = performance.now() + 20_000;
    while (!(await canConnect(this.port))) {
      if (performance.now() > deadline) throw new Error('sshd does not answer');
      await pause(50);
    }
  }
}

const freePort = (): Promise<number> => getPort({ host: '127.0.0.1' });

const canConnect = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
