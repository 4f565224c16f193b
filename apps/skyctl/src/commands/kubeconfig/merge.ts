/** Merges the context of an installation into a kubeconfig, and takes it out again. Functions of the text. */
import { isDeepStrictEqual } from 'node:util';
import { usageError } from '../../cli/cli-error.js';
import {
  type Entry,
  type KubeConfig,
  LISTS,
  putEntry,
  readKubeconfig,
  removeEntry,
  setCurrentContext,
} from './kubeconfig-text.js';

/** One entry of each list, all of one name. */
export interface InstallationContext {
  name: string;
  clusters: Entry;
  users: Entry;
  contexts: Entry;
}

export interface MergeOptions {
  /** For messages. */
  file: string;
  /** Make it the current context; else it is only where there is none. */
  use?: boolean;
}

/** A kubeconfig that has nothing else; its context is the current one. */
export const alone = ({ name, clusters, users, contexts }: InstallationContext): KubeConfig => ({
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [clusters],
  users: [users],
  contexts: [contexts],
  'current-context': name,
});

/** @returns `text` itself where it has all of it. @throws CliError where the name is taken by another cluster */
export function merge(text: string, own: InstallationContext, { file, use = false }: MergeOptions): string {
  const config = readKubeconfig(text, file);
  refuseOther(config, own, file);
  let next = /^\s*$/.test(text) ? 'apiVersion: v1\nkind: Config\n' : text;
  for (const list of LISTS) next = putEntry(next, list, own[list]);
  const current = config['current-context'] ?? '';
  return use || current === '' ? setCurrentContext(next, own.name) : next;
}

/**
 * Cluster and user stay where another context has them.
 * @returns `text` itself where it has no such context. @throws CliError where the name is that of another cluster
 */
export function unmerge(text: string, own: InstallationContext, { file }: MergeOptions): string {
  const config = readKubeconfig(text, file);
  if (!config.contexts?.some(({ name }) => name === own.name)) return text;
  refuseOther(config, own, file);
  return removeContexts(text, config, [own.name]);
}

/** Takes contexts out, with their clusters and users where no other context has these. */
export function removeContexts(text: string, config: KubeConfig, names: readonly string[]): string {
  const isGone = ({ name }: Entry): boolean => names.includes(name);
  const [gone, others] = [
    config.contexts?.filter(isGone) ?? [],
    config.contexts?.filter((each) => !isGone(each)) ?? [],
  ];
  const unused = (field: 'cluster' | 'user'): string[] => {
    const used = new Set(others.map(({ context }) => context?.[field]));
    return gone.flatMap(({ context }) => context?.[field] ?? []).filter((name) => !used.has(name));
  };
  let next = text;
  for (const name of names) next = removeEntry(next, 'contexts', name);
  for (const name of unused('cluster')) next = removeEntry(next, 'clusters', name);
  for (const name of unused('user')) next = removeEntry(next, 'users', name);
  return names.includes(config['current-context'] ?? '') ? setCurrentContext(next, undefined) : next;
}

/** Whether `skyctl kubeconfig` wrote the user: its token comes from `skyctl auth credential`. */
export function isOfSkyctl({ user }: Entry): boolean {
  const { command = '', args } = user?.exec ?? {};
  const [first, second] = args ?? [];
  return /(?:^|[/\\])skyctl(?:\.mjs)?$/.test(command) && first === 'auth' && second === 'credential';
}

/** Of this installation is what has its server, or the same context of the same skyctl configuration, whose server may have moved. */
function refuseOther(config: KubeConfig, own: InstallationContext, file: string): void {
  const { name } = own;
  const find = (list: (typeof LISTS)[number], wanted: string): Entry | undefined =>
    config[list]?.find((entry) => entry.name === wanted);
  const context = find('contexts', name)?.context;
  const user = find('users', name);
  if (user !== undefined && isOfSkyctl(user) && isOfSkyctl(own.users) && sameSource(user, own.users)) return;
  const server = find('clusters', context?.cluster ?? name)?.cluster?.server;
  const ours = own.clusters.cluster?.server;
  const isFree = context === undefined && server === undefined && user === undefined;
  if (isFree || server === ours) return;
  throw usageError(
    `${file}: the name "${name}" is taken by another cluster, ${server ?? 'whose server it does not have'}; this one is ${ours ?? ''}`,
    `give this one another name with --name, or remove the other: kubectl config delete-context ${name}`,
  );
}

const sameSource = (one: Entry, other: Entry): boolean =>
  isDeepStrictEqual(
    [one.user?.exec?.args, one.user?.exec?.env ?? []],
    [other.user?.exec?.args, other.user?.exec?.env ?? []],
  );
