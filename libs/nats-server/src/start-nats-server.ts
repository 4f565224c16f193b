/**
 * Starts a nats-server process and waits until it accepts clients.
 *
 * The same store may be started again after any end, SIGKILL included. The process is a child of the caller and is not restarted
 * here: `exited` tells, and the caller decides.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { basename, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readAnew } from './access/read-anew.js';
import { renderConfig, type ServerConfig } from './server-config.js';

export interface StartOptions {
  /** Path of the nats-server binary. */
  binary: string;
  /** Directory for JetStream's files, the configuration and the ports file; made if missing. */
  storeDir: string;
  /** Default 0: any free port. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** fsync on every write. Default true. */
  syncAlways?: boolean;
  /** Default `skyflow`. */
  serverName?: string;
  authToken?: string;
  /** Who is let in, by key; not together with `authToken`. */
  accounts?: ServerConfig['accounts'];
  tls?: ServerConfig['tls'];
  monitorPort?: number;
  /** Default: the server's output is discarded, its last lines kept for the error of a failed start. */
  logFile?: string;
  pidFile?: string;
  /** Default 64 GiB. */
  maxFileStoreBytes?: number;
  /** How long the start may take (a large store is read first). Default 30 s. */
  startTimeoutMs?: number;
  /** Lets the server outlive the caller. */
  detached?: boolean;
  /** Called once when the process has ended for whatever reason after a successful start. */
  onExit?: (exit: ServerExit) => void;
}

export interface ServerExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface NatsServerProcess {
  /** `nats://127.0.0.1:<port>`, without the token. */
  url: string;
  port: number;
  pid: number;
  process: ChildProcess;
  /** Resolves when the process has ended. */
  exited: Promise<ServerExit>;
  /** Lets others in from now on: writes the configuration and tells the server to read it. Who is not in it any more is disconnected. */
  reload(accounts: NonNullable<ServerConfig['accounts']>): Promise<void>;
  /** Ends it (SIGTERM, SIGKILL after 5 s) and resolves when it is gone. */
  stop(): Promise<void>;
}

/** The server ended, or did not accept clients in time; the message holds what it last said. */
export class NatsServerStartError extends Error {
  override readonly name = 'NatsServerStartError';
}

const DEFAULT_FILE_STORE_BYTES = 64 * 1024 ** 3;
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 5_000;
const POLL_MS = 20;

/** @throws NatsServerStartError */
export async function startNatsServer(options: StartOptions): Promise<NatsServerProcess> {
  const storeDir = resolve(options.storeDir);
  const host = options.host ?? '127.0.0.1';
  await mkdir(storeDir, { recursive: true });
  const configFile = join(storeDir, 'nats-server.conf');
  const config: ServerConfig = {
    serverName: options.serverName ?? 'skyflow',
    port: options.port ?? 0,
    host,
    storeDir,
    syncAlways: options.syncAlways ?? true,
    maxFileStoreBytes: options.maxFileStoreBytes ?? DEFAULT_FILE_STORE_BYTES,
    authToken: options.authToken,
    accounts: options.accounts,
    tls: options.tls,
    monitor: options.monitorPort === undefined ? undefined : `${host}:${options.monitorPort}`,
    logFile: options.logFile,
    pidFile: options.pidFile,
    portsDir: storeDir,
  };
  const write = (given: ServerConfig): Promise<void> => writeFile(configFile, renderConfig(given), { mode: 0o600 });
  await write(config);

  const child = spawn(options.binary, ['-c', configFile], {
    stdio: options.detached === true ? 'ignore' : ['ignore', 'ignore', 'pipe'],
    detached: options.detached ?? false,
  });
  const lastWords = collectLastWords(child);
  const exited = exitOf(child);
  const pid = child.pid;
  if (pid === undefined) {
    const { reason } = await exited;
    throw new NatsServerStartError(`${options.binary} cannot be started: ${reason ?? 'unknown reason'}`);
  }
  const portsFile = join(storeDir, `${basename(options.binary)}_${pid}.ports`);
  const timeoutMs = options.startTimeoutMs ?? START_TIMEOUT_MS;
  const port = await Promise.race([
    waitUntilAccepting(child, portsFile, host, timeoutMs),
    exited.then(() => undefined),
  ]);
  if (port === undefined) {
    child.kill('SIGKILL');
    await exited;
    const hint = options.logFile === undefined ? lastWords() : `see ${options.logFile}`;
    throw new NatsServerStartError(
      `nats-server on ${storeDir} did not accept clients within ${timeoutMs} ms or ended: ${hint}`,
    );
  }
  void exited.then(({ code, signal }) => options.onExit?.({ code, signal }));
  return {
    url: `nats://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    pid,
    process: child,
    exited,
    async reload(accounts) {
      await write({ ...config, port, accounts });
      await readAnew(() => child.kill('SIGHUP'), true);
    },
    stop: () => stop(child, exited, portsFile),
  };
}

async function stop(child: ChildProcess, exited: Promise<unknown>, portsFile: string): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
  await rm(portsFile, { force: true });
}

function exitOf(child: ChildProcess): Promise<ServerExit & { reason?: string }> {
  return new Promise((resolveExit) => {
    child.once('exit', (code, signal) => {
      resolveExit({ code, signal });
    });
    child.once('error', (error) => {
      resolveExit({ code: null, signal: null, reason: error.message });
    });
  });
}

/** Keeps the last lines of stderr, where nats-server logs; reading also keeps the pipe from filling up. */
function collectLastWords(child: ChildProcess): () => string {
  let kept = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    kept = (kept + text).slice(-2_000);
  });
  return () => kept.trim().split('\n').slice(-3).join(' | ');
}

/** The server writes its ports when it listens; a client's view (its INFO line) confirms it. Undefined: not in time. */
async function waitUntilAccepting(
  child: ChildProcess,
  portsFile: string,
  host: string,
  timeoutMs: number,
): Promise<number | undefined> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline && child.exitCode === null && child.signalCode === null) {
    const port = await readPort(portsFile);
    if (port !== undefined && (await greets(host, port))) return port;
    await sleep(POLL_MS);
  }
  return undefined;
}

async function readPort(portsFile: string): Promise<number | undefined> {
  try {
    const ports = JSON.parse(await readFile(portsFile, 'utf8')) as { nats?: string[] };
    const url = ports.nats?.[0];
    return url === undefined ? undefined : Number(new URL(url).port);
  } catch {
    return undefined; // not written yet, or not whole yet: the caller asks again
  }
}

function greets(host: string, port: number): Promise<boolean> {
  return new Promise((resolveGreeting) => {
    const socket = connect({ host, port });
    const end = (accepted: boolean): void => {
      socket.destroy();
      resolveGreeting(accepted);
    };
    socket.setTimeout(1_000, () => end(false));
    socket.once('error', () => end(false));
    socket.once('data', (data) => end(data.toString('latin1').startsWith('INFO ')));
  });
}
