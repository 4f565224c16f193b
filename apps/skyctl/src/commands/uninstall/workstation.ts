/** What SkyFlow has on this workstation, and its removal: processes, data, caches, contexts, completions. */
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { HOME_ENTRIES } from '@skyflow/contracts';
import { addedContexts, removeContexts, type AddedContexts } from './kubeconfig-contexts.js';
import { findCompletions, removeCompletion, type Completion } from './completions.js';
import { endLocalProcesses, localProcesses, type LocalProcess } from './local-processes.js';

export interface Workstation {
  home: string;
  processes: readonly LocalProcess[];
  /** Of SKYFLOW_HOME, those that SkyFlow made; and others, which stay. */
  entries: readonly string[];
  others: readonly string[];
  /** Folders and files. */
  caches: readonly string[];
  contexts: readonly AddedContexts[];
  completions: readonly Completion[];
  /** Clusters that SkyFlow built, with their machines: as the provisioner keeps them in a file. */
  built: readonly string[];
}

export const homeOf = (env: NodeJS.ProcessEnv): string => env.SKYFLOW_HOME ?? join(homedir(), '.skyflow');

export function lookAtWorkstation(env: NodeJS.ProcessEnv): Workstation {
  const home = homeOf(env);
  const there = existsSync(home) ? readdirSync(home) : [];
  return {
    home,
    processes: localProcesses(home),
    entries: there.filter((name) => HOME_ENTRIES.includes(name)),
    others: there.filter((name) => !HOME_ENTRIES.includes(name)),
    caches: cachesOf(env),
    contexts: addedContexts(env),
    completions: findCompletions(env),
    built: builtClusters(home),
  };
}

/** One line for each thing, for people. */
export const linesOf = ({ home, processes, entries, caches, contexts, completions }: Workstation): string[] => [
  ...processes.map(({ name, pid }) => `process ${pid} (${name})`),
  ...entries.map((entry) => join(home, entry)),
  ...caches,
  ...contexts.flatMap(({ file, names }) => names.map((name) => `context ${name} in ${file}`)),
  ...completions.map(({ file, lines }) => (lines === undefined ? file : `"${lines.join('", "')}" in ${file}`)),
];

/** @returns names of processes that would not end. Nothing is removed from under a process that runs. */
export async function stopWorkstation({ home }: Workstation): Promise<string[]> {
  return (await endLocalProcesses(home)).map(({ name, pid }) => `process ${pid} (${name}) does not end`);
}

export async function clearWorkstation(found: Workstation): Promise<void> {
  const { home, entries, caches, contexts, completions } = found;
  for (const context of contexts) await removeContexts(context);
  for (const completion of completions) removeCompletion(completion);
  for (const path of [...entries.map((entry) => join(home, entry)), ...caches]) {
    rmSync(path, { recursive: true, force: true });
  }
  if (existsSync(home) && readdirSync(home).length === 0) rmdirSync(home);
}

/** What libs/nats-server, libs/kubectl and tools/kube-testbed keep there, where the folder is not ours alone. */
const CACHED = /^(nats-server|kubectl|helm|kube-testbed|client-go|python-client|docker-compose)-v?[\w.-]+$|^docker$/;

/** Programs that were downloaded or built, and what Node compiled of skyctl. */
function cachesOf(env: NodeJS.ProcessEnv): string[] {
  const home = env.HOME ?? homedir();
  const named = env.SKYFLOW_CACHE;
  const folder = named ?? join(home, '.cache', 'skyflow');
  const programs =
    named === undefined
      ? [folder]
      : existsSync(folder)
        ? readdirSync(folder)
            .filter((name) => CACHED.test(name))
            .map((name) => join(folder, name))
        : [];
  const compiled = join(env.XDG_CACHE_HOME ?? join(home, '.cache'), 'skyctl');
  return [...programs, compiled].filter((path) => existsSync(path));
}

interface Built {
  clusters: { name: string; machines: { name: string; driver: string; providerId?: string; host?: string }[] }[];
}

function builtClusters(home: string): string[] {
  const file = join(home, 'provisioner', 'built.json');
  if (!existsSync(file)) return [];
  try {
    const { clusters } = JSON.parse(readFileSync(file, 'utf8')) as Built;
    return clusters.map(({ name, machines }) => {
      const where = machines.map((machine) => machine.providerId ?? machine.host ?? machine.name);
      return `${name}: ${where.join(', ')}`;
    });
  } catch (error) {
    return [`${file} cannot be read (${(error as Error).message}): nobody can say which clusters were built`];
  }
}
