import type { CommandSpec } from '../../cli/command-spec.js';
import { AT_OPTION } from '../get/get.definition.js';

export const queueDefinition: CommandSpec = {
  name: 'queue',
  summary: 'Look at queues: who has how much, and what waits in which order',
  details: '"skyctl create queue" makes one, "skyctl edit queue NAME" changes it.',
  subcommands: [
    {
      name: 'list',
      aliases: ['ls', 'get'],
      direct: true,
      summary: 'List queues with what they are sure of, use, and have waiting',
      examples: [['skyctl queue list', 'the same as skyctl get queues']],
      options: [{ flags: '--no-headers', description: 'leave out the titles of the columns' }, AT_OPTION],
      load: async () => (await import('./queue.js')).listQueues,
    },
    {
      name: 'describe',
      direct: true,
      arguments: '[names...]',
      argumentDescriptions: { names: 'names of queues; none: all of them' },
      summary: 'Tell everything about queues',
      examples: [['skyctl queue describe team-a', 'its quotas, its use, what waits in it']],
      options: [AT_OPTION],
      complete: ['queue'],
      load: async () => (await import('./queue.js')).describeQueues,
    },
    {
      name: 'waiting',
      aliases: ['jobs'],
      direct: true,
      arguments: '[names...]',
      argumentDescriptions: { names: 'names of queues; none: all of them' },
      summary: 'List what waits, in the order in which it is looked at, with what it waits for',
      examples: [['skyctl queue waiting team-a', 'what is next in one queue']],
      options: [{ flags: '--no-headers', description: 'leave out the titles of the columns' }, AT_OPTION],
      complete: ['queue'],
      load: async () => (await import('./queue.js')).listWaiting,
    },
  ],
};
