/**
 * Contexts that `skyctl kubeconfig --merge` wrote into kubeconfig files: their user gets its token from `skyctl auth credential`. Taken out with
 * their cluster and user, where no other context has these; everything else in the file, comments too, stays as it is.
 */
import { rmSync } from 'node:fs';
import { CliError } from '../../cli/cli-error.js';
import { backupOf, changeKubeconfig, kubeconfigFiles, readText } from '../kubeconfig/kubeconfig-file.js';
import { type KubeConfig, LISTS, readKubeconfig } from '../kubeconfig/kubeconfig-text.js';
import { isOfSkyctl, removeContexts as removed } from '../kubeconfig/merge.js';

export interface AddedContexts {
  file: string;
  names: readonly string[];
}

export function addedContexts(env: NodeJS.ProcessEnv): AddedContexts[] {
  return kubeconfigFiles(env).flatMap((file) => {
    const names = ourContexts(configOf(file));
    return names.length > 0 ? [{ file, names }] : [];
  });
}

/** A file with nothing else in it goes, and so does the backup of the merge. */
export async function removeContexts({ file }: AddedContexts): Promise<void> {
  const backup = backupOf(file);
  await changeKubeconfig(file, (text) => {
    const config = readKubeconfig(text, file);
    const left = removed(text, config, ourContexts(config));
    const rest = readKubeconfig(left, file);
    return LISTS.some((list) => (rest[list] ?? []).length > 0) ? left : undefined;
  });
  rmSync(backup, { force: true });
}

function ourContexts({ contexts, users }: KubeConfig): string[] {
  const ours = new Set((users ?? []).filter(isOfSkyctl).map(({ name }) => name));
  return (contexts ?? []).filter(({ context }) => ours.has(context?.user ?? '')).map(({ name }) => name);
}

/** A file that is no kubeconfig has no context of ours. */
function configOf(file: string): KubeConfig {
  try {
    return readKubeconfig(readText(file), file);
  } catch (error) {
    if (error instanceof CliError) return {};
    throw error;
  }
}
