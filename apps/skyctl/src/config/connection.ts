/** Which gateway, with which token, in which namespace: flags before environment before configuration file. */
import { CliError, usageError } from '../cli/cli-error.js';
import { EXIT } from '../cli/exit-codes.js';
import type { Flags } from '../cli/flags.js';
import { configPath, readConfig } from './config-file.js';
import type { ConfigFile, ContextEntry } from './config-file.js';

export interface Connection {
  server: URL;
  token: string | undefined;
  /** Namespace of commands that name none. */
  namespace: string;
  /** Where the address came from, for error messages. */
  source: string;
}

export async function resolveConnection(flags: Flags, env: NodeJS.ProcessEnv): Promise<Connection> {
  const path = configPath(env);
  const given = flags.text('server') ?? nonEmpty(env.SKYFLOW_SERVER);
  const token = flags.text('token') ?? nonEmpty(env.SKYFLOW_TOKEN);
  const needsFile = given === undefined || token === undefined || flags.has('context');
  const context = needsFile ? contextOf(await readConfig(path), flags.text('context'), path) : undefined;
  const address = given ?? context?.server;
  if (address === undefined) {
    throw new CliError({
      code: EXIT.usage,
      summary: `no SkyFlow server is configured: there is no ${path}, no --server and no SKYFLOW_SERVER`,
      hint: 'start one here with "npm run up", or name one with --server URL --token TOKEN',
    });
  }
  return {
    server: parseServer(address),
    // A token belongs to its server: one from the file never goes to another address.
    token: token ?? (given === undefined || given === context?.server ? context?.token : undefined),
    namespace: context?.namespace ?? 'default',
    source: flags.has('server') ? '--server' : given !== undefined ? 'SKYFLOW_SERVER' : path,
  };
}

function contextOf(config: ConfigFile | undefined, wanted: string | undefined, path: string): ContextEntry | undefined {
  const name = wanted ?? config?.currentContext;
  const contexts = config?.contexts ?? [];
  if (name === undefined) return contexts.length === 1 ? contexts[0] : undefined;
  const context = contexts.find((candidate) => candidate.name === name);
  if (context === undefined) {
    throw usageError(
      `context "${name}" is not in ${path}`,
      contexts.length > 0
        ? `it has: ${contexts.map((entry) => entry.name).join(', ')}`
        : 'run "npm run up" to make one',
    );
  }
  return context;
}

function parseServer(address: string): URL {
  const url = URL.parse(/^[a-z]+:\/\//i.test(address) ? address : `http://${address}`);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw usageError(`"${address}" is not the address of a server`, 'write it as http://127.0.0.1:50051');
  }
  return url;
}

const nonEmpty = (text: string | undefined): string | undefined => (text === '' ? undefined : text);
