/** Finds rke: the path that is set, PATH, or a download whose hash is known beforehand. */
import { mkdir, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createHash } from 'node:crypto';
import { ProvisionError } from '../../provision-error.js';
import { writeFileDurably } from '../write-file.js';

const run = promisify(execFile);

export interface RkeSource {
  path: string | undefined;
  url: string | undefined;
  sha256: string | undefined;
  /** Where a download is kept. */
  folder: string;
}

const WAY_OUT =
  'install rke v1.5 (github.com/rancher-archives/rke) into PATH, or set SKYFLOW_RKE to its path, or SKYFLOW_RKE_URL and SKYFLOW_RKE_SHA256';

/** Path of a binary of v1.5. @throws ProvisionError of class config, saying where it was looked for and what to do. */
export async function findRke(source: RkeSource): Promise<string> {
  const path = await locate(source);
  let version: string;
  try {
    version = (await run(path, ['--version'], { timeout: 30_000 })).stdout.trim();
  } catch (error) {
    throw new ProvisionError('config', `${path} does not run: ${(error as Error).message}`, WAY_OUT, { cause: error });
  }
  if (!/ v?1\.5\./.test(version)) {
    throw new ProvisionError('config', `${path} is "${version}"; this driver is made for rke v1.5`, WAY_OUT);
  }
  return path;
}

async function locate(source: RkeSource): Promise<string> {
  if (source.path !== undefined) {
    if (await isFile(source.path)) return source.path;
    throw new ProvisionError('config', `SKYFLOW_RKE "${source.path}": there is no such file`, WAY_OUT);
  }
  for (const folder of (process.env.PATH ?? '').split(delimiter).filter((each) => each !== '')) {
    const path = join(folder, 'rke');
    if (await isFile(path)) return path;
  }
  if (source.url !== undefined && source.sha256 !== undefined)
    return download(source.url, source.sha256, source.folder);
  throw new ProvisionError('config', 'rke is not on the machine of the provisioner: it is not in PATH', WAY_OUT);
}

const isFile = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
};

async function download(url: string, expected: string, folder: string): Promise<string> {
  const path = join(folder, `rke-${expected.slice(0, 16).toLowerCase()}`);
  if (await isFile(path)) return path;
  let bytes: Buffer;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(600_000) });
    if (!response.ok) throw new Error(`${String(response.status)} ${response.statusText}`);
    bytes = Buffer.from(await response.arrayBuffer());
  } catch (error) {
    const message = `rke cannot be downloaded from ${url}: ${(error as Error).message}`;
    throw new ProvisionError('network', message, WAY_OUT, { cause: error });
  }
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== expected.toLowerCase()) {
    const message = `what ${url} gave has the SHA-256 ${found}, not ${expected}`;
    throw new ProvisionError('config', message, 'it is not used; check the address, and SKYFLOW_RKE_SHA256');
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFileDurably(path, bytes, 0o700);
  return path;
}
