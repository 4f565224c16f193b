/** Which gateway, with which token, in which namespace: flags before environment before configuration file. */
import { readFileSync } from 'node:fs';
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
  /** Authority that the server's certificate is checked with (PEM); absent: those of the system. */
  ca?: string;
  /** User to act as (Impersonate-User). */
  as?: string;
  /** The context that token and address came from. */
  context?: ContextEntry;
  /** That context, if its token is about to end. */
  stale?: ContextEntry & { refreshToken: string };
}

/** A token that ends so soon is exchanged for a new one first. */
const FRESH_FOR_MS = 30_000;

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
  const ours = given === undefined || given === context?.server ? context : undefined;
  const authority = flags.text('certificate-authority') ?? nonEmpty(env.SKYFLOW_CA_FILE) ?? ours?.certificateAuthority;
  const as = flags.text('as');
  const connection: Connection = {
    server: parseServer(address),
    // A token belongs to its server: one from the file never goes to another address.
    token: token ?? ours?.token,
    namespace: context?.namespace ?? 'default',
    source: flags.has('server') ? '--server' : given !== undefined ? 'SKYFLOW_SERVER' : path,
    ...(authority === undefined ? {} : { ca: readAuthority(authority) }),
    ...(as === undefined ? {} : { as }),
    ...(ours === undefined ? {} : { context: ours }),
  };
  return token === undefined && isStale(ours) ? { ...connection, stale: ours } : connection;
}

/** The namespace that the context in use has; known without any server. */
export async function resolveNamespace(flags: Flags, env: NodeJS.ProcessEnv): Promise<string> {
  const server = flags.text('server') ?? nonEmpty(env.SKYFLOW_SERVER);
  const token = flags.text('token') ?? nonEmpty(env.SKYFLOW_TOKEN);
  if (server !== undefined && token !== undefined && !flags.has('context')) return 'default';
  const path = configPath(env);
  return contextOf(await readConfig(path), flags.text('context'), path)?.namespace ?? 'default';
}

/** Whether the context's token is about to end, and there is a way to the next one. */
const isStale = (context: ContextEntry | undefined): context is ContextEntry & { refreshToken: string } =>
  context?.refreshToken !== undefined && Date.parse(context.expiresAt ?? '') - Date.now() < FRESH_FOR_MS;

function readAuthority(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw usageError(`the certificate authority ${file} cannot be read: ${(error as Error).message}`);
  }
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
