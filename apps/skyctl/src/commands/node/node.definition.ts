import type { CommandSpec, OptionSpec } from '../../cli/command-spec.js';
import { TOP_OPTIONS } from '../top/top.definition.js';

const CLUSTER: OptionSpec = {
  flags: '--cluster <name>',
  description: 'only nodes of this cluster',
  complete: 'cluster',
};

export const nodeDefinition: CommandSpec = {
  name: 'node',
  aliases: ['nodes'],
  summary: 'Look at the nodes of all clusters: list, describe, top',
  subcommands: [
    {
      name: 'list',
      aliases: ['get', 'ls'],
      direct: true,
      summary: 'List nodes with what is free on them',
      examples: [['skyctl node list --cluster mluo-cloud', 'those of one cluster']],
      options: [CLUSTER, { flags: '--no-headers', description: 'leave out the titles of the columns' }],
      load: async () => (await import('./node.js')).listNodes,
    },
    {
      name: 'describe',
      direct: true,
      arguments: '<names...>',
      argumentDescriptions: { names: 'names of nodes, as NODE or CLUSTER.NODE' },
      summary: 'Tell everything about nodes, with the pods on them',
      examples: [['skyctl node describe mluo-cloud.node-1', 'its state, its room, its pods']],
      options: [CLUSTER],
      load: async () => (await import('./node.js')).describeNodes,
    },
    {
      name: 'top',
      direct: true,
      summary: 'Show how full nodes are',
      examples: [['skyctl node top --sort-by memory', 'the same as skyctl top nodes']],
      options: [...TOP_OPTIONS],
      load: async () => (await import('./node.js')).topNodes,
    },
  ],
};
