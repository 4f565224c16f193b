/**
 * Which clusters are meant, and how each is reached: what the supervisor of this workstation remembers of its agents, else a context of
 * the kubeconfig. Works without SkyFlow itself.
 */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { KubeConnection } from '@skyflow/kube-client';
import { usageError } from '../../cli/cli-error.js';
import { kubeconfigFiles } from '../kubeconfig/kubeconfig-file.js';

export interface Target {
  /** As it was named, or as SkyFlow calls it. */
  name: string;
  context: string;
  kubeconfig: string;
}

/** A cluster that ends with the instance, since it lives in one of its processes. */
export const isEmbedded = ({ kubeconfig }: Target, home: string): boolean => kubeconfig === join(home, 'kubeconfig');

interface Memory {
  /** `file\ncontext` */
  registered: string[];
  clusters: { name: string; context: string; kubeconfig?: string }[];
}

/** Clusters that agents of this workstation ran for. */
export function rememberedTargets(home: string, env: NodeJS.ProcessEnv): Target[] {
  const { registered, clusters } = readMemory(join(home, 'agents', 'supervisor.json'));
  return clusters.map(({ name, context, kubeconfig }) => {
    const known = registered.map((key) => key.split('\n')).find(([, each]) => each === context)?.[0];
    const usual = join(env.HOME ?? homedir(), '.kube', 'config');
    return { name, context, kubeconfig: kubeconfig ?? known ?? kubeconfigFiles(env)[0] ?? usual };
  });
}

/** @throws CliError when a name is neither that of a cluster nor of a context. */
export async function namedTargets(
  names: readonly string[],
  kubeconfig: string | undefined,
  home: string,
  env: NodeJS.ProcessEnv,
): Promise<Target[]> {
  const { loadKubeConfig } = await import('./cluster-engine.js');
  const remembered = kubeconfig === undefined ? rememberedTargets(home, env) : [];
  const files = kubeconfig === undefined ? [...kubeconfigFiles(env), join(home, 'kubeconfig')] : [kubeconfig];
  const contexts: Target[] = [];
  for (const file of files.filter((each) => kubeconfig !== undefined || existsSync(each))) {
    try {
      const { contextNames } = await loadKubeConfig(file);
      contexts.push(...contextNames.map((context) => ({ name: context, context, kubeconfig: file })));
    } catch (error) {
      throw usageError((error as Error).message, 'name another file with --kubeconfig');
    }
  }
  return names.map((name) => {
    const found = [...remembered, ...contexts].find((target) => target.name === name);
    if (found !== undefined) return found;
    const known = [...new Set(contexts.map(({ context }) => context))];
    throw usageError(
      `there is no way to cluster ${name}: no context of that name is in ${files.join(' or ')}`,
      known.length === 0
        ? 'name the file that has it with --kubeconfig'
        : `there are ${known.join(', ')}; or name another file with --kubeconfig`,
    );
  });
}

/** @throws KubeConfigError */
export async function connectionTo({ kubeconfig, context }: Target): Promise<KubeConnection> {
  const { connectionOf, loadKubeConfig } = await import('./cluster-engine.js');
  const file = await loadKubeConfig(kubeconfig);
  return await connectionOf(file.context(context === '' ? undefined : context));
}

function readMemory(path: string): Memory {
  try {
    const { registered = [], clusters = [] } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Memory>;
    return { registered, clusters };
  } catch {
    // No agent ever ran from here, or nobody knows: clusters can be named.
    return { registered: [], clusters: [] };
  }
}
