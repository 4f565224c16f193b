/**
 * Finds a nats-server on this machine or gets one, saying what it does.
 *
 * Ways in order: the given path, PATH, our cache, the release from GitHub (pinned hash), `go install`, the system's package
 * manager. A given path is the user's word: when it is unusable the search stops there instead of using something else.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { runProcess } from './process-runner.js';
import { goInstall } from './ways/go-install.js';
import { cached, givenPath, onPath } from './ways/present.js';
import { githubReleases, releaseDownload, type ReleaseSource } from './ways/release-download.js';
import { systemPackage } from './ways/system-package.js';
import {
  WayFailedError,
  type FoundNatsServer,
  type NatsServerSource,
  type Surroundings,
  type Way,
} from './ways/way.js';

export interface ResolveOptions {
  /** A binary to use. Default: the environment variable SKYFLOW_NATS_SERVER, if set. */
  explicitPath?: string;
  /** Where downloads and builds are kept. Default: SKYFLOW_CACHE, else `~/.cache/skyflow`. */
  cacheDir?: string;
  /** Told what is tried, done, and why something failed; one line each. */
  report?: (line: string) => void;
  /** Ways that may be used. Default: all. */
  allow?: readonly NatsServerSource[];
  /** Where releases come from (tests, mirrors). Default: GitHub, with the pinned hashes. */
  releases?: ReleaseSource;
  /** Replaces parts of the surroundings in tests. */
  surroundings?: Partial<Surroundings>;
}

/** No way gave a usable nats-server. The message lists each way, why it failed, and what to do. */
export class NatsServerNotFoundError extends Error {
  override readonly name = 'NatsServerNotFoundError';
}

/** @throws NatsServerNotFoundError */
export async function resolveNatsServer(options: ResolveOptions = {}): Promise<FoundNatsServer> {
  const surroundings = surroundingsOf(options);
  const { report } = surroundings;
  const failures: { way: Way; reason: string }[] = [];
  for (const way of waysOf(options, surroundings)) {
    report(way.describe());
    try {
      const found = await way.find();
      report(`nats-server ${found.version} at ${found.path}`);
      return found;
    } catch (error) {
      if (!(error instanceof WayFailedError)) throw error;
      report(`  no: ${error.message}`);
      failures.push({ way, reason: error.message });
    }
  }
  throw new NatsServerNotFoundError(describeFailure(failures));
}

/** Where downloads and builds are kept unless told otherwise. */
export const defaultCacheDir = (env: Readonly<Record<string, string | undefined>> = process.env): string =>
  env.SKYFLOW_CACHE ?? join(homedir(), '.cache', 'skyflow');

function surroundingsOf(options: ResolveOptions): Surroundings {
  const env = options.surroundings?.env ?? process.env;
  return {
    run: runProcess,
    fetch: globalThis.fetch,
    report: options.report ?? (() => undefined),
    cacheDir: options.cacheDir ?? defaultCacheDir(env),
    env,
    platform: process.platform,
    arch: process.arch,
    uid: process.getuid?.(),
    ...options.surroundings,
  };
}

function waysOf(options: ResolveOptions, surroundings: Surroundings): readonly Way[] {
  const given = options.explicitPath ?? surroundings.env.SKYFLOW_NATS_SERVER;
  if (given !== undefined && given !== '') return [givenPath(surroundings, given)];
  const ways = [
    onPath(surroundings),
    cached(surroundings),
    releaseDownload(surroundings, options.releases ?? githubReleases),
    goInstall(surroundings),
    systemPackage(surroundings),
  ];
  return ways.filter((way) => options.allow?.includes(way.source) ?? true);
}

function describeFailure(failures: readonly { way: Way; reason: string }[]): string {
  const tried = failures.map(({ way, reason }) => `  ${way.source}: ${reason}`);
  const advice = failures.map(({ way }) => `  - ${way.advice}`);
  return ['no usable nats-server was found or could be installed:', ...tried, 'Do one of these:', ...advice].join('\n');
}
