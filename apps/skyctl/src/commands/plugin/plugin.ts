/** `skyctl plugin list`. */
import { basename } from 'node:path';
import { CliError } from '../../cli/cli-error.js';
import type { CommandHandler, CommandSpec } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { PLUGIN_PREFIX, pluginsIn } from './plugins.js';

export const listPluginsBeside =
  (commands: readonly CommandSpec[]): CommandHandler =>
  ({ terminal, env }, { flags }) => {
    const builtIn = new Set(commands.flatMap(({ name, aliases = [] }) => [name, ...aliases]));
    const plugins = pluginsIn(env);
    if (plugins.length === 0) {
      throw new CliError({
        code: EXIT.failure,
        summary: 'there are no plugins',
        hint: `a plugin is a program named ${PLUGIN_PREFIX}NAME in a directory of PATH`,
      });
    }
    const seen = new Set<string>();
    let wrong = 0;
    for (const { path, executable } of plugins) {
      const name = basename(path);
      terminal.line(flags.on('name-only') ? name : path);
      const command = name.slice(PLUGIN_PREFIX.length).split('-', 1)[0] ?? '';
      const problem = !executable
        ? 'it is not executable'
        : builtIn.has(command)
          ? `skyctl has a command "${command}" of its own, which is run instead`
          : seen.has(name)
            ? 'one of the same name comes before it in PATH'
            : undefined;
      seen.add(name);
      if (problem === undefined) continue;
      wrong += 1;
      terminal.note(`warning: ${path}: ${problem}`);
    }
    return Promise.resolve(wrong > 0 ? EXIT.failure : EXIT.ok);
  };
