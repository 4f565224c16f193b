/** `skyctl config view|get-contexts|use-context`. */
import { resolve } from 'node:path';
import { CliError, usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { configPath, readConfig, saveContext, writeConfig } from '../../config/config-file.js';
import type { ConfigFile, ContextEntry } from '../../config/config-file.js';
import { toYaml } from '../../output/documents.js';
import { renderTable } from '../../output/table.js';
import type { Session } from '../../session.js';

export const viewConfig: CommandHandler = async (session, { flags }) => {
  const config = await existingConfig(session);
  const used = flags.text('context') ?? config.currentContext;
  const chosen = flags.on('minify') ? config.contexts.filter(({ name }) => name === used) : config.contexts;
  const contexts = flags.on('raw')
    ? chosen
    : chosen.map((context) => ({
        ...context,
        ...redacted(context, 'token'),
        ...redacted(context, 'refreshToken'),
      }));
  const shown = { ...config, contexts };
  const json = flags.text('output') === 'json';
  session.terminal.write(json ? `${JSON.stringify(shown, null, 4)}\n` : await toYaml(shown));
  return EXIT.ok;
};

export const listContexts: CommandHandler = async (session, { flags }) => {
  const { currentContext, contexts } = await existingConfig(session);
  if (flags.text('output') === 'name') {
    for (const { name } of contexts) session.terminal.line(name);
    return EXIT.ok;
  }
  const rows = contexts.map(({ name, server, namespace, user }) => [
    name === currentContext ? '*' : '',
    name,
    server,
    user ?? '-',
    namespace ?? 'default',
  ]);
  const columns = ['Current', 'Name', 'Server', 'User', 'Namespace'];
  session.terminal.line(renderTable({ columns, rows }, { headers: !flags.on('no-headers') }));
  return EXIT.ok;
};

export const chooseContext: CommandHandler = async (session, { args }) => {
  const [name = ''] = args;
  const config = await existingConfig(session);
  if (!config.contexts.some((context) => context.name === name)) {
    throw usageError(
      `there is no context "${name}"`,
      `there are: ${config.contexts.map((context) => context.name).join(', ')}`,
    );
  }
  await writeConfig(configPath(session.env), { ...config, currentContext: name });
  session.terminal.line(`Using context "${name}".`);
  return EXIT.ok;
};

export const setContext: CommandHandler = async (session, { args, flags }) => {
  const path = configPath(session.env);
  const config = (await readConfig(path)) ?? { contexts: [] };
  const name = flags.on('current') ? config.currentContext : args[0];
  if (name === undefined)
    throw usageError(
      'name the context, or say --current',
      'such as: skyctl config set-context prod --server https://sky.example.org',
    );
  const before = config.contexts.find((context) => context.name === name);
  const server = flags.text('server') ?? before?.server;
  if (server === undefined) throw usageError(`context "${name}" is new: say where its server is`, 'with --server URL');
  const [token, namespace, certificateAuthority] = [
    flags.text('token'),
    flags.text('namespace'),
    flags.text('certificate-authority'),
  ];
  const context: ContextEntry = {
    // What belongs to one server is not taken to another.
    ...(before?.server === server ? before : {}),
    name,
    server,
    ...(token === undefined ? {} : { token }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(certificateAuthority === undefined ? {} : { certificateAuthority: resolve(certificateAuthority) }),
  };
  await saveContext(path, context, false);
  session.terminal.line(`Context "${name}" ${before === undefined ? 'created' : 'modified'}.`);
  return EXIT.ok;
};

export const deleteContext: CommandHandler = async (session, { args }) => {
  const [name = ''] = args;
  const config = await existingConfig(session);
  const contexts = config.contexts.filter((context) => context.name !== name);
  if (contexts.length === config.contexts.length) throw usageError(`there is no context "${name}"`);
  const { currentContext, ...rest } = config;
  const current = currentContext === name || currentContext === undefined ? {} : { currentContext };
  await writeConfig(configPath(session.env), { ...rest, ...current, contexts });
  session.terminal.line(`Deleted context "${name}".`);
  return EXIT.ok;
};

const redacted = (context: ContextEntry, field: 'token' | 'refreshToken'): Partial<ContextEntry> =>
  context[field] === undefined ? {} : { [field]: 'REDACTED' };

async function existingConfig({ env }: Session): Promise<ConfigFile> {
  const path = configPath(env);
  const config = await readConfig(path);
  if (config !== undefined) return config;
  throw new CliError({
    code: EXIT.usage,
    summary: `there is no configuration file ${path}`,
    hint: 'run "npm run up" to make one, or set SKYFLOW_HOME to where it is',
  });
}
