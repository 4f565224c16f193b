/**
 * Contexts that `skyctl kubeconfig --merge` wrote into kubeconfig files: their user gets its token from `skyctl auth credential`. Taken out with
 * their cluster and user, where no other context has these; everything else in the file, comments too, stays as it is.
 */
import { existsSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { CliError } from '../../cli/cli-error.js';
import { backupOf, changeKubeconfig, readText } from '../kubeconfig/kubeconfig-file.js';
import { type KubeConfig, LISTS, readKubeconfig } from '../kubeconfig/kubeconfig-text.js';
import { isOfSkyctl, removeContexts as removed } from '../kubeconfig/merge.js';

export interface AddedContexts {
  file: string;
  names: readonly string[];
}

/** All files that kubectl reads by default. */
export const kubeconfigFiles = (env: NodeJS.ProcessEnv): string[] => {
  const named = (env.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '');
  const usual = join(env.HOME ?? homedir(), '.kube', 'config');
  return [...new Set([...named, usual])].filter((file) => existsSync(file));
};

export function addedContexts(env: NodeJS.ProcessEnv): AddedContexts[] {
  return kubeconfigFiles(env).flatMap((file) => {
    const names = ourContexts(configOf(file));
    return names.length > 0 ? [{ file, names }] : [];
  });
}

/** A file with nothing else in it goes, and so does the backup of the merge. */
export async function removeContexts({ file }: AddedContexts): Promise<void> {
  await changeKubeconfig(file, (text) => {
    const config = readKubeconfig(text, file);
    const left = removed(text, config, ourContexts(config));
    const isEmpty = LISTS.every((list) => (readKubeconfig(left, file)[list] ?? []).length === 0);
    return isEmpty ? undefined : left;
  });
  rmSync(backupOf(file), { force: true });
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
