/** `skyctl config view|get-contexts|use-context`. */
import { CliError, usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { configPath, readConfig, writeConfig } from '../../config/config-file.js';
import type { ConfigFile } from '../../config/config-file.js';
import { toYaml } from '../../output/documents.js';
import { renderTable } from '../../output/table.js';
import type { Session } from '../../session.js';

export const viewConfig: CommandHandler = async (session, { flags }) => {
  const config = await existingConfig(session);
  const contexts = flags.on('raw')
    ? config.contexts
    : config.contexts.map((context) => (context.token === undefined ? context : { ...context, token: 'REDACTED' }));
  session.terminal.write(await toYaml({ ...config, contexts }));
  return EXIT.ok;
};

export const listContexts: CommandHandler = async (session, { flags }) => {
  const { currentContext, contexts } = await existingConfig(session);
  if (flags.text('output') === 'name') {
    for (const { name } of contexts) session.terminal.line(name);
    return EXIT.ok;
  }
  const rows = contexts.map(({ name, server, namespace }) => [
    name === currentContext ? '*' : '',
    name,
    server,
    namespace ?? 'default',
  ]);
  session.terminal.line(renderTable({ columns: ['Current', 'Name', 'Server', 'Namespace'], rows }));
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
