/**
 * `config.yaml` in SKYFLOW_HOME (default ~/.skyflow): where gateways are and with which token. Written by `npm run up`, `skyctl login`
 * and `skyctl config`, mode 0600 because tokens are in it. A server's own secrets are never in it.
 *
 * The form that SkyFlow writes is read without a YAML parser, which would cost a tenth of the time of a command; anything
 * else that is YAML is left to the parser.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CliError } from '../cli/cli-error.js';
import { EXIT } from '../cli/exit-codes.js';
import { withConfigLock } from './config-lock.js';

export interface ContextEntry {
  name: string;
  server: string;
  token?: string;
  namespace?: string;
  /** Of a login: who, when the token stops being good, and with what the next one is got. */
  user?: string;
  expiresAt?: string;
  refreshToken?: string;
  /** Of a login at an OpenID issuer: where the next token is got, and as which client. */
  oidcIssuer?: string;
  oidcClientId?: string;
  /** File (PEM) of the authority that signed the server's certificate; absent: those of the system. */
  certificateAuthority?: string;
  /** HTTPS address of the same gateway, for clients of Kubernetes, where `server` is plain HTTP. */
  kubernetesServer?: string;
}

export interface ConfigFile {
  currentContext?: string;
  contexts: ContextEntry[];
}

export const configPath = (env: NodeJS.ProcessEnv): string =>
  join(env.SKYFLOW_HOME ?? join(homedir(), '.skyflow'), 'config.yaml');

/** Undefined if there is no file. @throws CliError if it cannot be read or is not a configuration. */
export async function readConfig(path: string): Promise<ConfigFile | undefined> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unusable(path, `cannot be read: ${(error as Error).message}`, error);
  }
  const parsed = readPlain(text) ?? (await readYaml(path, text));
  return checkConfig(path, parsed);
}

/** Replaces the file at once, readable by its owner only. */
export async function writeConfig(path: string, config: ConfigFile): Promise<void> {
  const { stringify } = await import('yaml');
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, stringify(config, { lineWidth: 0 }), { mode: 0o600 });
  renameSync(temporary, path);
}

/** Puts a context into the file, in place of one of its name, and makes it the current one if it is to be, or there is none. */
export const saveContext = (path: string, context: ContextEntry, use: boolean): Promise<void> =>
  withConfigLock(path, () => putContext(path, context, use));

/** {@link saveContext} for who holds the file's lock. */
export async function putContext(path: string, context: ContextEntry, use: boolean): Promise<void> {
  const before = (await readConfig(path)) ?? { contexts: [] };
  const at = before.contexts.findIndex(({ name }) => name === context.name);
  const contexts = at < 0 ? [...before.contexts, context] : before.contexts.with(at, context);
  const currentContext = use ? context.name : (before.currentContext ?? context.name);
  await writeConfig(path, { ...before, currentContext, contexts });
}

/** The form that {@link writeConfig} writes: flat scalars and one list. Undefined: something else. */
export function readPlain(text: string): unknown {
  const config: { currentContext?: string; contexts: Record<string, string>[] } = { contexts: [] };
  let inContexts = false;
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const match = /^( {2}- | {4}|)([A-Za-z]+):(?: ([^\s"'#&*!|>{}[\]%@`,][^"'#]*?))?\s*$/.exec(line);
    if (match === null) return undefined;
    const [, indent = '', key = '', value] = match;
    // `: ` and a trailing colon would be a mapping, which only a YAML parser gets right.
    if (value !== undefined && /:(\s|$)/.test(value)) return undefined;
    if (indent === '') {
      inContexts = key === 'contexts' && value === undefined;
      if (key === 'currentContext' && value !== undefined) config.currentContext = value;
      else if (!inContexts) return undefined;
      continue;
    }
    if (!inContexts || value === undefined) return undefined;
    if (indent === '  - ') config.contexts.push({});
    const context = config.contexts.at(-1);
    if (context === undefined) return undefined;
    context[key] = value;
  }
  return config;
}

async function readYaml(path: string, text: string): Promise<unknown> {
  const { parse } = await import('yaml');
  try {
    return parse(text) as unknown;
  } catch (error) {
    throw unusable(path, (error as Error).message.split('\n', 1)[0] ?? '', error);
  }
}

function checkConfig(path: string, parsed: unknown): ConfigFile {
  if (parsed === null || typeof parsed !== 'object') throw unusable(path, 'is not a configuration');
  const { currentContext, contexts = [] } = parsed as Partial<ConfigFile>;
  if (!Array.isArray(contexts)) throw unusable(path, 'contexts must be a list');
  for (const [index, context] of contexts.entries()) {
    for (const field of ['name', 'server'] as const) {
      if (typeof (context as Partial<ContextEntry> | null)?.[field] !== 'string') {
        throw unusable(path, `contexts[${index}].${field} must be text`);
      }
    }
  }
  return { ...(typeof currentContext === 'string' ? { currentContext } : {}), contexts };
}

const unusable = (path: string, what: string, cause?: unknown): CliError =>
  new CliError({
    code: EXIT.usage,
    summary: `configuration file ${path}: ${what}`,
    hint: 'correct it, remove it and run "npm run up", or give --server and --token',
    cause,
  });
