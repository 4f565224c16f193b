/** What a kustomize directory makes: by kustomize itself, or by the one in kubectl. */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CliError, usageError } from '../../cli/cli-error.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { Source } from './source.js';

const MOST_BYTES = 2 ** 28;

/** Programs that can, in the order in which they are tried. */
function builders(directory: string): (readonly [string, ...string[]])[] {
  // Run from a checkout, its own kubectl is at hand (libs/kubectl).
  const own = join(dirname(process.argv[1] ?? ''), '../../../libs/kubectl/bin/kubectl.mjs');
  return [
    ['kustomize', 'build', directory],
    ['kubectl', 'kustomize', directory],
    ...(existsSync(own) ? [[process.execPath, own, 'kustomize', directory] as const] : []),
  ];
}

/** @throws CliError (usage) with what kustomize says, or where to get one. */
export function buildKustomization(directory: string, env: NodeJS.ProcessEnv): Promise<Source> {
  if (
    !/^[a-z]+:\/\/|^git@|\?ref=/.test(directory) &&
    statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true
  ) {
    throw usageError(`${directory}: there is no such directory`, '-k takes a directory with a kustomization.yaml');
  }
  for (const [program, ...args] of builders(directory)) {
    const { error, status, stdout, stderr } = spawnSync(program, args, {
      env,
      encoding: 'utf8',
      maxBuffer: MOST_BYTES,
    });
    // One that is not there, or cannot run here, is passed over.
    if (error !== undefined || status === 126 || status === 127) continue;
    if (status === 0) return Promise.resolve({ name: `kustomization ${directory}`, text: stdout });
    throw new CliError({
      code: EXIT.usage,
      summary: `kustomization ${directory} cannot be built`,
      causes: stderr
        .trim()
        .replace(/^error: /i, '')
        .split('\n'),
    });
  }
  throw usageError(
    `-k needs kustomize or kubectl, and there is neither in PATH`,
    `install one of them, or build it elsewhere: kustomize build ${directory} | skyctl apply -f -`,
  );
}
