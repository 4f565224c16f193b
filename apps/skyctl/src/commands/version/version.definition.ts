import type { CommandSpec } from '../../cli/command-spec.js';

export const versionDefinition: CommandSpec = {
  name: 'version',
  direct: true,
  summary: 'Show the versions of skyctl and of the server',
  examples: [['skyctl version -o json', 'for a program']],
  options: [
    { flags: '--client', description: 'only that of skyctl; asks no server' },
    { flags: '-o, --output <format>', description: 'json or yaml', choices: ['json', 'yaml'] },
  ],
  load: async () => (await import('./version.js')).showVersion,
};
