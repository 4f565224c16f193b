import type { CommandSpec } from '../../cli/command-spec.js';
import { NAMESPACE_OPTION } from '../../cli/help.js';
import { DRY_RUN_OPTION, PRINT_OPTION } from './write-options.js';

/** Kinds of the seed system that need nobody to make them here: its scripts go on, and are told. */
export const createSeedKindDefinitions: readonly CommandSpec[] = [
  {
    name: 'link',
    aliases: ['links'],
    arguments: '<name>',
    argumentDescriptions: { name: 'FROM.TO; with --source and --target what the seed system would call it' },
    summary: 'Say how services of one cluster reach pods of another one',
    details:
      'Clusters are linked by SkyFlow itself, where a service needs it: without --plane nothing is made, as there is nothing to say. What a service says of its own plane goes before; "skyctl delete link FROM.TO" takes it back.',
    examples: [
      [
        'skyctl create link east.west --plane gateway',
        'services of east reach pods of west through gateways, whatever is proved',
      ],
      ['skyctl create link ab --source a --target b', 'a command of the seed system: says that nothing has to be done'],
    ],
    options: [
      { flags: '-s, --source <cluster>', description: 'cluster of the services', complete: 'cluster' },
      { flags: '-t, --target <cluster>', description: 'cluster of the pods', complete: 'cluster' },
      {
        flags: '--plane <plane>',
        description: 'flat (pods at their own addresses), gateway, or auto: by what was proved',
        complete: ['auto', 'flat', 'gateway'],
      },
      DRY_RUN_OPTION,
      PRINT_OPTION,
    ],
    load: async () => (await import('./create-link.js')).createLink,
  },
  {
    name: 'endpoints',
    aliases: ['endpoint', 'edp', 'edps'],
    arguments: '<name>',
    argumentDescriptions: { name: 'name of the service' },
    summary: 'Make nothing: the endpoints of a service follow its pods by themselves',
    details: 'A command of the seed system. Shows where the endpoints of the service of this name are.',
    examples: [['skyctl create endpoints web --num-endpoints 2', 'says that nothing has to be done']],
    options: [
      { flags: '--num-endpoints <count>', description: 'accepted, and found by SkyFlow itself' },
      { flags: '--exposed', description: 'accepted, and found by SkyFlow itself' },
      {
        flags: '--primary-cluster <name>',
        description: 'accepted; a service says it as --cluster',
        complete: 'cluster',
      },
      { flags: '--selector <key> <value>', description: 'accepted; a service says it', takes: 'pairs' },
      NAMESPACE_OPTION,
    ],
    load: async () => (await import('./create-seed-kinds.js')).createEndpoints,
  },
];
