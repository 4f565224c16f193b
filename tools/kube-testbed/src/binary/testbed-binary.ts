/**
 * The control plane's binary: built from the Go module beside this code, once per machine and content of that module, and kept
 * in the cache. A file that is there is complete: it is renamed into place.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { TestbedUnavailableError } from '../errors.js';
import { lockUnless } from './build-lock.js';
import { readSource, versionFlags, type GoSource } from './source.js';

export interface BinaryOptions {
  /** Default process.env. */
  env?: NodeJS.ProcessEnv;
  /** Told once when a build begins: it takes minutes. */
  onBuild?: (line: string) => void;
  signal?: AbortSignal;
}

export interface TestbedBinary {
  path: string;
  /** Of Kubernetes, for instance `v1.36.3`. */
  version: string;
}

const BUILD_TIMEOUT_MS = 45 * 60_000;
const OUTPUT_LIMIT_BYTES = 16 * 1024 * 1024;
const run = promisify(execFile);

/** Where the binary is or will be. */
export function binaryPath(env: NodeJS.ProcessEnv = process.env, source: GoSource = readSource()): string {
  const cache = env.SKYFLOW_CACHE ?? join(env.HOME ?? homedir(), '.cache', 'skyflow');
  return join(cache, `kube-testbed-${source.version}-${source.hash}`, 'kube-testbed');
}

/**
 * Why there can be no testbed here, in one line; undefined when there is a binary, or a Go to build one.
 */
export async function whyUnavailable(env: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  if (existsSync(binaryPath(env))) return undefined;
  try {
    await run('go', ['version'], { env, timeout: 30_000 });
    return undefined;
  } catch {
    return 'no kube-testbed: Go is not installed, and Kubernetes is built with it; install Go 1.26 or newer (https://go.dev/dl)';
  }
}

/** Builds when there is none yet. @throws TestbedUnavailableError */
export async function testbedBinary(options: BinaryOptions = {}): Promise<TestbedBinary> {
  const { env = process.env } = options;
  const source = readSource();
  const path = binaryPath(env, source);
  if (existsSync(path)) return { path, version: source.version };
  const why = await whyUnavailable(env);
  if (why !== undefined) throw new TestbedUnavailableError(why);
  await mkdir(dirname(path), { recursive: true });
  const unlock = await lockUnless(`${path}.lock`, () => existsSync(path), options.signal);
  if (unlock !== undefined) {
    try {
      options.onBuild?.(`building Kubernetes ${source.version} from source; this takes five minutes and more, once`);
      await build(source, path, options);
    } finally {
      await unlock();
    }
  }
  return { path, version: source.version };
}

async function build(source: GoSource, path: string, { env = process.env, signal }: BinaryOptions): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  const args = ['build', '-trimpath', '-buildvcs=false', '-ldflags', versionFlags(source.version), '-o', draft, '.'];
  try {
    await run('nice', ['-n', '10', 'go', ...args], {
      cwd: source.directory,
      env: { ...env, CGO_ENABLED: '0' },
      timeout: BUILD_TIMEOUT_MS,
      maxBuffer: OUTPUT_LIMIT_BYTES,
      ...(signal === undefined ? {} : { signal }),
    });
    await rename(draft, path);
  } catch (error) {
    throw new TestbedUnavailableError(
      `no kube-testbed: go build in ${source.directory} failed: ${reasonOf(error)}; it needs the Go module proxy (go env GOPROXY) and 4 GB of disk`,
      { cause: error },
    );
  } finally {
    await rm(draft, { force: true });
  }
}

/** go says what is wrong in its last line. */
function reasonOf(error: unknown): string {
  const { stderr, message } = error as Error & { stderr?: string };
  const lines = (stderr ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.at(-1) ?? message.split('\n')[0] ?? 'unknown reason';
}
