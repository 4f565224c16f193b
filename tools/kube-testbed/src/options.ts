/** The command line of the testbed. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Runtime, RUNTIMES } from './runtimes.js';

export const USAGE = `Usage:
  node tools/kube-testbed/dist/main.js up --directory DIR [--clusters A,B] [--nodes N] [--cpu 2] [--memory 8Gi] [--runtime process]
      starts real Kubernetes control planes with hollow nodes; prints one JSON line when all are ready; SIGTERM, Ctrl-C
      or the end of standard input (where that is a pipe) stops them without a trace
  node tools/kube-testbed/dist/main.js build
      builds the control plane's binary into the cache, if it is not there; prints its path
  With --runtime process containers run their commands on this machine; without it nothing runs.
  With --provider k3s both take k3s in Docker instead: build gets its image, up starts clusters that run what pods say.`;

/** Where control planes come from: built here from Kubernetes' source, or k3s' image. */
export const PROVIDERS = ['source', 'k3s'] as const;
export type Provider = (typeof PROVIDERS)[number];

export interface BuildOptions {
  command: 'build';
  provider: Provider;
}

export interface UpOptions {
  command: 'up';
  provider: Provider;
  directory: string;
  clusters: string[];
  nodes: number;
  cpu: string;
  memory: string;
  runtime: Runtime;
}

/** A wrong command line; the message says what is wrong and what is right. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws UsageError */
export function parseOptions(args: readonly string[], cwd: string): UpOptions | BuildOptions | { command: 'help' } {
  const [command, ...rest] = args;
  if (command === undefined || command === 'help' || command === '--help') return { command: 'help' };
  if (command !== 'up' && command !== 'build')
    throw new UsageError(`"${command}" is not a command: use up or build.\n\n${USAGE}`);
  const values = parse(rest, command);
  const provider = providerOf(values.provider);
  if (command === 'build') return { command, provider };
  if (values.directory === undefined) throw new UsageError(`up needs --directory DIR.\n\n${USAGE}`);
  const clusters = (values.clusters ?? 'mluo-cloud,mluo-onprem').split(',');
  for (const name of clusters) {
    if (!/^[a-z0-9]([-a-z0-9]{0,40}[a-z0-9])?$/.test(name))
      throw new UsageError(
        `--clusters: "${name}" is not a name of at most 42 lower-case letters, digits and dashes (it begins the names of nodes).`,
      );
  }
  if (new Set(clusters).size < clusters.length) throw new UsageError('--clusters: a name is there twice.');
  const nodes = Number(values.nodes ?? '1');
  if (!Number.isInteger(nodes) || nodes < 0 || nodes > 250)
    throw new UsageError(`--nodes ${values.nodes ?? ''}: give a whole number from 0 to 250.`);
  return {
    command,
    provider,
    directory: resolve(cwd, values.directory),
    clusters,
    nodes,
    cpu: values.cpu ?? '2',
    memory: values.memory ?? '8Gi',
    runtime: runtimeOf(values.runtime),
  };
}

function providerOf(given = 'source'): Provider {
  const provider = PROVIDERS.find((each) => each === given);
  if (provider === undefined) throw new UsageError(`--provider ${given}: give one of ${PROVIDERS.join(', ')}.`);
  return provider;
}

function runtimeOf(given = 'virtual'): Runtime {
  const runtime = RUNTIMES.find((each) => each === given);
  if (runtime === undefined) throw new UsageError(`--runtime ${given}: give one of ${RUNTIMES.join(', ')}.`);
  return runtime;
}

interface Values {
  runtime?: string | undefined;
  provider?: string | undefined;
  directory?: string | undefined;
  clusters?: string | undefined;
  nodes?: string | undefined;
  cpu?: string | undefined;
  memory?: string | undefined;
}

function parse(args: string[], command: 'up' | 'build'): Values {
  try {
    const text = { type: 'string' } as const;
    if (command === 'build') return parseArgs({ args, options: { provider: text } }).values;
    const options = {
      provider: text,
      directory: text,
      clusters: text,
      nodes: text,
      cpu: text,
      memory: text,
      runtime: text,
    };
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${USAGE}`, { cause: error });
  }
}
