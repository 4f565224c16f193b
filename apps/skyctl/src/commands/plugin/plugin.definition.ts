import type { CommandSpec } from '../../cli/command-spec.js';

/** @param commands those of skyctl itself, which plugins cannot replace. */
export const pluginDefinitionBeside = (commands: () => readonly CommandSpec[]): CommandSpec => ({
  name: 'plugin',
  summary: 'Commands of your own: programs named skyctl-NAME in PATH',
  details:
    'A program "skyctl-hello" in PATH is run by "skyctl hello", "skyctl-team-report" by "skyctl team report"; the longest name wins, a dash in a word is written as an underscore. It gets all further words, and SKYCTL_BIN, the way to call skyctl. Plugins cannot replace commands of skyctl.',
  subcommands: [
    {
      name: 'list',
      direct: true,
      summary: 'List the plugins in PATH, and what is wrong with them',
      examples: [['skyctl plugin list --name-only', 'just their names']],
      options: [{ flags: '--name-only', description: 'names and not paths' }],
      load: async () => (await import('./plugin.js')).listPluginsBeside(commands()),
    },
  ],
});
