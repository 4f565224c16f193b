import type { CommandSpec } from '../../cli/command-spec.js';

export const meshDefinition: CommandSpec = {
  name: 'mesh',
  summary: 'Look at the connections between clusters: check, top',
  subcommands: [
    {
      name: 'check',
      direct: true,
      summary: 'Try connections between clusters now, and say what is wrong where',
      details:
        'Each agent connects to pods of other clusters the way that clients go. Exits with 1 when something does not work.',
      examples: [['skyctl mesh check', 'every link, with what proves it or what is wrong']],
      options: [],
      load: async () => (await import('./check.js')).meshCheck,
    },
    {
      name: 'top',
      direct: true,
      summary: 'Show connections and bytes between clusters',
      examples: [
        ['skyctl mesh top', 'once'],
        ['skyctl mesh top --watch', 'every two seconds'],
      ],
      options: [{ flags: '-w, --watch', description: 'show it again every two seconds' }],
      load: async () => (await import('./top.js')).meshTop,
    },
  ],
};
