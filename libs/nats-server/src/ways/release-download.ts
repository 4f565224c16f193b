/**
 * Downloads the pinned release and installs it into the cache, if and only if its bytes have the pinned hash.
 * A partial or wrong download never ends up in the cache: the binary is renamed into place as the last step.
 */
import { createHash, randomUUID } from 'node:crypto';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lastLine } from '../process-runner.js';
import { PINNED_HASHES, PINNED_VERSION } from '../versions.js';
import { cachedBinary } from './present.js';
import { probe } from './probe.js';
import { WayFailedError, type Surroundings, type Way } from './way.js';

const RELEASES_URL = 'https://github.com/nats-io/nats-server/releases/download';
const DOWNLOAD_TIMEOUT_MS = 120_000;
const UNPACK_TIMEOUT_MS = 60_000;

export interface ReleaseSource {
  /** Where releases are; the archive is at `<baseUrl>/v<version>/nats-server-v<version>-<platform>.tar.gz`. */
  baseUrl: string;
  /** SHA-256 in hex by platform. */
  hashes: Readonly<Record<string, string>>;
}

export const githubReleases: ReleaseSource = { baseUrl: RELEASES_URL, hashes: PINNED_HASHES };

export function releaseDownload(surroundings: Surroundings, source: ReleaseSource = githubReleases): Way {
  const platform = releasePlatform(surroundings);
  const name = `nats-server-v${PINNED_VERSION}-${platform}`;
  const url = `${source.baseUrl}/v${PINNED_VERSION}/${name}.tar.gz`;
  return {
    source: 'download',
    describe: () => `downloading ${url}`,
    async find() {
      const hash = source.hashes[platform];
      if (hash === undefined) throw new WayFailedError(`no release is known for ${platform}`);
      const archive = await download(surroundings, url);
      const actual = createHash('sha256').update(archive).digest('hex');
      if (actual !== hash) {
        throw new WayFailedError(`${url} has SHA-256 ${actual}, expected ${hash}: it was changed on the way; not used`);
      }
      const path = await install(surroundings, archive, name);
      return probe(surroundings, path, 'download');
    },
    advice: `let this machine reach ${new URL(source.baseUrl).host} (or set HTTPS_PROXY and NODE_USE_ENV_PROXY=1)`,
  };
}

/** `linux-amd64` and the like, as release archives are named. */
function releasePlatform({ platform, arch }: Surroundings): string {
  return `${platform}-${arch === 'x64' ? 'amd64' : arch}`;
}

async function download(surroundings: Surroundings, url: string): Promise<Buffer> {
  try {
    const response = await surroundings.fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) });
    if (!response.ok) throw new WayFailedError(`${url} answered ${response.status} ${response.statusText}`.trimEnd());
    return Buffer.from(await response.arrayBuffer());
  } catch (error) {
    if (error instanceof WayFailedError) throw error;
    throw new WayFailedError(`${url} cannot be reached: ${reasonOf(error)}`, { cause: error });
  }
}

async function install(surroundings: Surroundings, archive: Buffer, name: string): Promise<string> {
  const target = cachedBinary(surroundings.cacheDir);
  const work = `${dirname(target)}.${randomUUID()}`;
  try {
    await mkdir(work, { recursive: true });
    await writeFile(join(work, 'archive.tar.gz'), archive);
    const unpacked = await surroundings.run(
      'tar',
      ['-xzf', join(work, 'archive.tar.gz'), '-C', work, `${name}/nats-server`],
      { timeoutMs: UNPACK_TIMEOUT_MS },
    );
    if (unpacked.code !== 0) throw new WayFailedError(`the archive cannot be unpacked: ${lastLine(unpacked)}`);
    const binary = join(work, name, 'nats-server');
    await chmod(binary, 0o755);
    await mkdir(dirname(target), { recursive: true });
    await rename(binary, target);
    return target;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** fetch hides the reason (ENOTFOUND, ECONNREFUSED, …) in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer after ${DOWNLOAD_TIMEOUT_MS} ms`;
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
}
