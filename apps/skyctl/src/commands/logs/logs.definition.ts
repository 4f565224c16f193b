import type { CommandSpec } from '../../cli/command-spec.js';
import { NAMESPACE_OPTION } from '../../cli/help.js';
import { AT_OPTION, SELECTOR_OPTION } from '../get/get.definition.js';

export const logsDefinition: CommandSpec = {
  name: 'logs',
  aliases: ['log'],
  direct: true,
  arguments: '[name] [rest...]',
  argumentDescriptions: {
    name: 'a job (hello), KIND/NAME (deployment/web), a pod (pod/web-1.mluo-onprem), or a cluster that is built (cluster/prod-eu)',
    rest: 'the name, if the kind was given as a word of its own',
  },
  summary: 'Show what a job or deployment has written, from every cluster',
  examples: [
    ['skyctl logs hello', 'of all replicas of a job'],
    ['skyctl logs hello -f --tail 10', 'the last lines, and what follows'],
    ['skyctl logs deployment/web --cluster mluo-onprem --prefix', 'of one cluster, each line with its pod'],
    ['skyctl logs -l app=nginx -f --prefix', 'of pods by label, whatever they belong to'],
    ['skyctl logs hello --since 10m --timestamps', 'of the last ten minutes'],
    [
      'skyctl logs hello --at "10 minutes ago" --tail 20',
      'what it would have printed then, of pods that are still there',
    ],
    ['skyctl logs cluster prod-eu -f', 'the build log of a cluster that SkyFlow builds, until it is done'],
  ],
  details:
    'Followed logs go on where they were after a lost connection, of the server or of a cluster. --at prints what there was to print then: of the pods of then, as far as they are still there, because clusters keep the log of a pod as long as the pod, and of each container the last two instances. What is gone is said.',
  options: [
    { flags: '-f, --follow', description: 'go on as more is written' },
    { flags: '--tail <lines>', description: 'only the last lines of each pod' },
    { flags: '--since <duration>', description: 'only what is newer: 30s, 5m, 2h' },
    { flags: '--since-time <time>', description: 'only from this time on: 2026-11-24T10:00:00Z' },
    { flags: '--timestamps', description: 'begin each line with its time' },
    { flags: '-c, --container <name>', description: 'of this container (default: of all)' },
    { flags: '-p, --previous', description: 'of the instance before the last restart' },
    { flags: '--cluster <name>', description: 'only of this cluster', complete: 'cluster' },
    SELECTOR_OPTION,
    { flags: '--all-containers', description: 'of all containers, which is the default' },
    { flags: '--all-pods', description: 'of all pods, which is the default' },
    {
      flags: '--max-log-requests <count>',
      description: 'with -l and -f: pods that may be followed at once (default 20)',
    },
    { flags: '--ignore-errors', description: 'with -l: go on where the log of a pod cannot be read' },
    { flags: '--limit-bytes <count>', description: 'end after so many bytes' },
    { flags: '--prefix', description: 'begin each line with cluster and pod' },
    AT_OPTION,
    NAMESPACE_OPTION,
  ],
  complete: ['job'],
  load: async () => (await import('./logs.js')).logs,
};
