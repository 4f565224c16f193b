import type { CommandSpec, OptionSpec } from '../../cli/command-spec.js';
import { AT_OPTION } from '../get/get.definition.js';
import { TOP_OPTIONS } from '../top/top.definition.js';

const CLUSTER: OptionSpec = {
  flags: '--cluster <name>',
  description: 'only nodes of this cluster',
  complete: 'cluster',
};

/** What is done to a node is its own cluster's affair: said with the line that does it. */
const ofItsCluster = (verb: 'cordon' | 'uncordon' | 'drain'): CommandSpec => ({
  name: verb,
  direct: true,
  arguments: '<names...>',
  argumentDescriptions: { names: 'names of nodes, as NODE or CLUSTER.NODE' },
  summary: `Say how to ${verb} nodes: by kubectl at their own cluster; whole clusters by "skyctl cluster ${verb}"`,
  details:
    'SkyFlow places on clusters, and has no right to change their nodes. What kubectl does there it sees at once: a cordoned node counts for nothing, and what finds no node any more moves to other clusters.',
  examples: [[`skyctl node ${verb} mluo-cloud.node-1`, 'prints the line for kubectl']],
  options: [CLUSTER],
  load: async () => (await import('./of-its-cluster.js')).ofItsCluster(verb),
});

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
      options: [CLUSTER, { flags: '--no-headers', description: 'leave out the titles of the columns' }, AT_OPTION],
      load: async () => (await import('./node.js')).listNodes,
    },
    {
      name: 'describe',
      direct: true,
      arguments: '<names...>',
      argumentDescriptions: { names: 'names of nodes, as NODE or CLUSTER.NODE' },
      summary: 'Tell everything about nodes, with the pods on them',
      examples: [['skyctl node describe mluo-cloud.node-1', 'its state, its room, its pods']],
      options: [CLUSTER, AT_OPTION],
      load: async () => (await import('./node.js')).describeNodes,
    },
    {
      name: 'top',
      direct: true,
      summary: 'Show how full nodes are',
      examples: [['skyctl node top --sort-by memory', 'the same as skyctl top nodes']],
      options: [...TOP_OPTIONS, AT_OPTION],
      load: async () => (await import('./node.js')).topNodes,
    },
    ...(['cordon', 'uncordon', 'drain'] as const).map(ofItsCluster),
  ],
};
