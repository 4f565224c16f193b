import type { CommandSpec } from '../../cli/command-spec.js';

export const usageDefinition: CommandSpec = {
  name: 'usage',
  direct: true,
  arguments: '[what]',
  argumentDescriptions: { what: 'users, namespaces or clusters; nothing: namespaces' },
  summary: 'Show who held how much of the clusters over time',
  details:
    'What placed replicas ask for (requests), times how long they were placed; the user is who created a workload. Folded from the log, so it reaches back as far as the log does.',
  examples: [
    ['skyctl usage users', 'of the last 24 hours'],
    ['skyctl usage clusters --from "a week ago" --step 1d', 'a line for each cluster and day'],
    ['skyctl usage --from 2026-05-01 --to 2026-06-01 -o json', 'of a month, in seconds, for programs'],
  ],
  options: [
    { flags: '--from <when>', description: 'begin: "2 hours ago", or a time; default: a day before the end' },
    { flags: '--to <when>', description: 'end, in the same forms; default: now' },
    { flags: '--step <duration>', description: 'length of a period, such as 1h or 1d; default: one period for all' },
    { flags: '-o, --output <format>', description: 'json or yaml', choices: ['json', 'yaml'] },
    { flags: '--no-headers', description: 'leave out the titles of the columns' },
  ],
  complete: [['users', 'namespaces', 'clusters']],
  load: async () => (await import('./usage.js')).usage,
};
