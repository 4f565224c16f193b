import type { CommandSpec } from '../../cli/command-spec.js';
import { NAMESPACE_OPTION } from '../../cli/help.js';
import { AT_OPTION } from '../get/get.definition.js';

export const eventsDefinition: CommandSpec = {
  name: 'events',
  direct: true,
  arguments: '[target]',
  argumentDescriptions: {
    target: 'only about this: a job (hello), KIND/NAME (deployment/web), or a pod (pod/web-1.mluo-onprem)',
  },
  summary: 'Show what happened lately, in every cluster and to SkyFlow itself',
  details:
    "Of a job or deployment, also what happened to its pods. Clusters keep their events for about an hour; of SkyFlow's own the newest 10,000 are shown. A cluster of - means SkyFlow itself.",
  examples: [
    ['skyctl events', 'of the namespace, oldest first'],
    ['skyctl events hello -w', 'of a job and its pods, and what follows'],
    ['skyctl events -A --types Warning --cluster mluo-onprem', 'only trouble, in one cluster'],
  ],
  options: [
    { flags: '-w, --watch', description: 'go on as more happens' },
    { flags: '-A, --all-namespaces', description: 'of all namespaces' },
    { flags: '--types <type>', description: 'only Normal or only Warning', choices: ['Normal', 'Warning'] },
    { flags: '--cluster <name>', description: 'only of this cluster', complete: 'cluster' },
    { flags: '--for <target>', description: 'the same as naming it: deployment/web' },
    { flags: '-o, --output <format>', description: 'json or yaml', choices: ['json', 'yaml'] },
    { flags: '--no-headers', description: 'without the line of titles' },
    NAMESPACE_OPTION,
    AT_OPTION,
  ],
  complete: ['job'],
  load: async () => (await import('./events.js')).events,
};
