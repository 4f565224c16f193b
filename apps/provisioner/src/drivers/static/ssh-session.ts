/**
 * One SSH connection, over a bastion where there is one. The key of the host is pinned: RKE itself takes any (`InsecureIgnoreHostKey`), so this
 * is where a wrong machine is found out.
 */
import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { Client, type ClientChannel, type ConnectConfig } from 'ssh2';
import { ProvisionError } from '../../provision-error.js';

export interface SshTarget {
  address: string;
  port: number;
  user: string;
  keyPath: string;
  /** `ssh-ed25519 AAAA…`; undefined: the one that is seen. */
  hostKey: string | undefined;
}

const READY_WITHIN_MS = 20_000;

export class SshSession implements AsyncDisposable {
  private constructor(
    readonly hostKey: string,
    private readonly client: Client,
    private readonly below: SshSession | undefined,
  ) {}

  /** @throws ProvisionError of class host (again), auth or config (a person must change something). */
  static async open(target: SshTarget, bastion?: SshTarget): Promise<SshSession> {
    const below =
      bastion === undefined ? undefined : await SshSession.start(bastion, undefined, undefined, 'the bastion ');
    try {
      const sock = below === undefined ? undefined : await below.connect(target.address, target.port);
      return await SshSession.start(target, sock, below);
    } catch (error) {
      await below?.[Symbol.asyncDispose]();
      throw error;
    }
  }

  private static async start(
    target: SshTarget,
    sock: Duplex | undefined,
    below: SshSession | undefined,
    called = '',
  ): Promise<SshSession> {
    const privateKey = await readKey(target.keyPath);
    const client = new Client();
    let seen = '';
    const config: ConnectConfig = {
      host: target.address,
      port: target.port,
      username: target.user,
      privateKey,
      readyTimeout: READY_WITHIN_MS,
      keepaliveInterval: 10_000,
      hostVerifier: (key: Buffer) => {
        seen = hostKeyText(key);
        return target.hostKey === undefined || target.hostKey === seen;
      },
      ...(sock === undefined ? {} : { sock: sock }),
    };
    // Errors after the handshake end the channels that are open; they are told there.
    client.on('error', () => undefined);
    try {
      const ready = once(client, 'ready');
      client.connect(config);
      await ready;
    } catch (error) {
      client.destroy();
      throw asFailure(error as Error & { level?: string }, target, seen, called);
    }
    return new SshSession(seen, client, below);
  }

  /** What a command printed; its exit code, -1 if it has none. @param input for it to read */
  async run(command: string, input?: string): Promise<{ code: number; output: string }> {
    const { promise, resolve, reject } = Promise.withResolvers<ClientChannel>();
    this.client.exec(command, (error, channel) => (error === undefined ? resolve(channel) : reject(error)));
    const channel = await promise;
    const chunks: Buffer[] = [];
    channel.on('data', (chunk: Buffer) => chunks.push(chunk));
    channel.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    let code = -1;
    channel.on('exit', (status: number | null) => (code = status ?? -1));
    const closed = once(channel, 'close');
    if (input !== undefined) channel.end(input);
    await closed;
    return { code, output: Buffer.concat(chunks).toString('utf8') };
  }

  /** A connection from the host to a socket on it, as RKE opens one to Docker. */
  async openSocket(path: string): Promise<Duplex> {
    const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
    this.client.openssh_forwardOutStreamLocal(path, (error, channel) =>
      error === undefined ? resolve(channel) : reject(error),
    );
    return promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.end();
    await this.below?.[Symbol.asyncDispose]();
  }

  private async connect(address: string, port: number): Promise<Duplex> {
    const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
    this.client.forwardOut('127.0.0.1', 0, address, port, (error, channel) =>
      error === undefined
        ? resolve(channel)
        : reject(
            new ProvisionError(
              'host',
              `the bastion cannot connect to ${address}:${String(port)}: ${error.message}`,
              'check that sshd of the bastion lets TCP be forwarded, and that it reaches the host',
              { cause: error },
            ),
          ),
    );
    return promise;
  }
}

async function readKey(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new ProvisionError(
      'config',
      `the private key ${path} cannot be read on the provisioner's machine: ${(error as Error).message}`,
      'put it there, or name another in keyPath',
      { cause: error },
    );
  }
}

/** As known_hosts has it: the type is the first string in the key. */
function hostKeyText(key: Buffer): string {
  const length = key.readUInt32BE(0);
  return `${key.toString('utf8', 4, 4 + length)} ${key.toString('base64')}`;
}

/** @param called before its name, for people */
function asFailure(error: Error & { level?: string }, target: SshTarget, seen: string, called: string): ProvisionError {
  const where = `${called}${target.user}@${target.address}:${String(target.port)}`;
  if (seen !== '' && target.hostKey !== undefined && seen !== target.hostKey) {
    return new ProvisionError(
      'auth',
      `${where} shows another host key than the one that is pinned: ${seen.slice(0, 60)}…`,
      'if the host was set up anew, put its new key into hostKey; if not, this is another machine',
      { cause: error },
    );
  }
  if (error.level === 'client-authentication' || /parse privateKey|passphrase/i.test(error.message)) {
    return new ProvisionError(
      'auth',
      `${where} does not let us in with ${target.keyPath}: ${error.message}`,
      'add the public key to authorized_keys of the user there; keys with a passphrase cannot be used',
      { cause: error },
    );
  }
  return new ProvisionError('host', `${where} cannot be reached: ${error.message}`, 'check address, port and sshd', {
    cause: error,
  });
}
