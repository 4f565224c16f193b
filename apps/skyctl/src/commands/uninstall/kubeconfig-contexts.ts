/**
 * Contexts that `skyctl kubeconfig` wrote into kubeconfig files: their user gets its token from `skyctl auth credential`. Taken out with
 * their cluster and user, where no other context has these; everything else in the file, comments too, stays as it is.
 */
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Document } from 'yaml';

export interface AddedContexts {
  file: string;
  names: readonly string[];
}

interface Entry {
  name: string;
  context?: { cluster?: string; user?: string };
  user?: { exec?: { command?: string; args?: string[] } };
}
interface KubeConfig {
  'current-context'?: string;
  clusters?: Entry[];
  users?: Entry[];
  contexts?: Entry[];
}

/** All files that kubectl reads by default. */
export const kubeconfigFiles = (env: NodeJS.ProcessEnv): string[] => {
  const named = (env.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '');
  const usual = join(env.HOME ?? homedir(), '.kube', 'config');
  return [...new Set([...named, usual])].filter((file) => existsSync(file));
};

export async function addedContexts(env: NodeJS.ProcessEnv): Promise<AddedContexts[]> {
  const found: AddedContexts[] = [];
  for (const file of kubeconfigFiles(env)) {
    const names = ourContexts((await open(file))?.toJS() as KubeConfig | null).map(({ name }) => name);
    if (names.length > 0) found.push({ file, names });
  }
  return found;
}

/** A file with nothing else in it goes. */
export async function removeContexts({ file }: AddedContexts): Promise<void> {
  const document = await open(file);
  if (document === undefined) return;
  const config = document.toJS() as KubeConfig;
  const ours = ourContexts(config);
  const names = new Set(ours.map(({ name }) => name));
  const others = (config.contexts ?? []).filter(({ name }) => !names.has(name));
  const unused = (field: 'cluster' | 'user'): Set<string> => {
    const used = new Set(others.map(({ context }) => context?.[field]));
    return new Set(ours.flatMap(({ context }) => context?.[field] ?? []).filter((name) => !used.has(name)));
  };
  drop(document, 'contexts', config.contexts, names);
  drop(document, 'clusters', config.clusters, unused('cluster'));
  drop(document, 'users', config.users, unused('user'));
  if (names.has(config['current-context'] ?? '')) document.delete('current-context');
  const left = document.toJS() as KubeConfig;
  if (![left.contexts, left.clusters, left.users].some((list) => (list ?? []).length > 0)) {
    rmSync(file);
    return;
  }
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, document.toString({ lineWidth: 0 }), { mode: statSync(file).mode & 0o777 });
  renameSync(temporary, file);
}

function ourContexts(config: KubeConfig | null): Entry[] {
  const users = new Set(
    (config?.users ?? [])
      .filter(({ user }) => {
        const [first, second] = user?.exec?.args ?? [];
        return user?.exec?.command === 'skyctl' && first === 'auth' && second === 'credential';
      })
      .map(({ name }) => name),
  );
  return (config?.contexts ?? []).filter(({ context }) => users.has(context?.user ?? ''));
}

function drop(
  document: Document,
  field: keyof KubeConfig,
  list: Entry[] | undefined,
  names: ReadonlySet<string>,
): void {
  for (const [index, { name }] of [...(list ?? []).entries()].reverse()) {
    if (names.has(name)) document.deleteIn([field, index]);
  }
}

/** Undefined: no kubeconfig that could hold a context of ours. */
async function open(file: string): Promise<Document | undefined> {
  const { parseDocument } = await import('yaml');
  const document = parseDocument(readFileSync(file, 'utf8'));
  return document.errors.length === 0 && document.contents !== null ? document : undefined;
}
