/** Runs skyctl as a person does: a process of its own, from a bundle of the sources as they are now. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { withMachineLock } from '@skyflow/nats-server/testing';
import { execa } from 'execa';

const app = join(import.meta.dirname, '../..');

/** The sources are bundled by whoever needs them first, which takes seconds, and more on a machine that is busy. */
export const BUNDLED_WITHIN_MS = 120_000;

/** Path of the bundle that all spec files of this run share. */
async function bundled(): Promise<string> {
  const folder = process.env.SKYFLOW_TEST_RUN;
  if (folder === undefined) throw new Error('SKYFLOW_TEST_RUN is not set: tests/setup/run-folder.mjs sets it for Jest');
  const dist = join(folder, 'skyctl');
  await withMachineLock(`${dist}.lock`, BUNDLED_WITHIN_MS, async () => {
    if (existsSync(dist)) return;
    await promisify(execFile)(process.execPath, [join(app, 'build.mjs'), `${dist}.new`]);
    await rename(`${dist}.new`, dist);
  });
  return dist;
}

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  input?: string;
  /** In place of `input`: the pipe itself, as the other program has it. */
  stdin?: Readable;
  env?: Record<string, string>;
  /** Stop it once its output has this; for commands that do not end. */
  until?: RegExp;
  /** The same of what it says on stderr. */
  untilStderr?: RegExp;
  /** How it is stopped. Default SIGINT. */
  signal?: 'SIGINT' | 'SIGTERM';
  /** Nobody reads its output. */
  closeStdout?: boolean;
}

export class Skyctl {
  private constructor(
    /** Directory of its own: the bundle, SKYFLOW_HOME, files of the test. */
    readonly home: string,
    private readonly env: Record<string, string>,
  ) {}

  static async build(env: Record<string, string>): Promise<Skyctl> {
    const home = await mkdtemp(join(tmpdir(), 'skyctl-'));
    await symlink(await bundled(), join(home, 'dist'));
    return new Skyctl(home, { SKYFLOW_HOME: home, XDG_CACHE_HOME: join(home, 'cache'), ...env });
  }

  async run(
    args: readonly string[],
    { input = '', stdin, env = {}, until, untilStderr, signal = 'SIGINT', closeStdout = false }: RunOptions = {},
  ): Promise<Outcome> {
    const child = execa(process.execPath, [join(app, 'bin/skyctl.mjs'), ...args], {
      env: { PATH: process.env.PATH ?? '', SKYCTL_ENTRY: join(this.home, 'dist/main.cjs'), ...this.env, ...env },
      extendEnv: false,
      ...(stdin === undefined ? { input } : { stdin }),
      reject: false,
      stripFinalNewline: false,
      timeout: 20_000,
    });
    if (closeStdout) child.stdout.destroy();
    for (const [stream, awaited] of [
      [child.stdout, until],
      [child.stderr, untilStderr],
    ] as const) {
      let seen = '';
      stream.on('data', (chunk: Buffer) => {
        seen += chunk.toString();
        if (awaited?.test(seen) === true) child.kill(signal);
      });
    }
    const result = await child;
    return { code: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr };
  }

  async remove(): Promise<void> {
    await rm(this.home, { recursive: true, force: true });
  }
}
