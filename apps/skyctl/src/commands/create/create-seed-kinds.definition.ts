import type { CommandSpec } from '../../cli/command-spec.js';
import { NAMESPACE_OPTION } from '../../cli/help.js';

/** Kinds of the seed system that nobody has to make here: its scripts go on, and are told. */
export const createSeedKindDefinitions: readonly CommandSpec[] = [
  {
    name: 'link',
    aliases: ['links'],
    arguments: '<name>',
    argumentDescriptions: { name: 'what the seed system would call it' },
    summary: 'Make nothing: clusters are linked by SkyFlow itself, where a service needs it',
    details: 'A command of the seed system. Checks that both clusters are there and differ, and says so.',
    examples: [['skyctl create link ab --source a --target b', 'says that nothing has to be done']],
    options: [
      { flags: '-s, --source <cluster>', description: 'a cluster', complete: 'cluster' },
      { flags: '-t, --target <cluster>', description: 'another cluster', complete: 'cluster' },
    ],
    load: async () => (await import('./create-seed-kinds.js')).createLink,
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
