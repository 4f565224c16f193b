import type { CommandSpec } from '../../cli/command-spec.js';
import { NAMESPACE_OPTION } from '../../cli/help.js';
import { FILENAME_OPTION, RECURSIVE_OPTION } from '../apply/apply.definition.js';

export const simulateDefinition: CommandSpec = {
  name: 'simulate',
  summary: 'Say what would be placed, moved, preempted or left waiting; nothing is written',
  details:
    'The scheduler decides on a fork of what it knows, with the code that decides for real. Files are checked as apply checks them. Changes add up: files, lost clusters and new nodes in one command are one question.',
  examples: [
    ['skyctl simulate -f job.yaml', 'where it would go'],
    ['skyctl simulate --cluster-down mluo-cloud', 'what becomes of everything when that cluster is lost'],
    ['skyctl simulate -f job.yaml --add-nodes mluo-onprem=2:cpu=8,memory=32Gi', 'whether two more nodes are enough'],
    ['skyctl simulate --policy gpu-policy.yaml', 'what an edit of a policy would move'],
  ],
  options: [
    FILENAME_OPTION,
    RECURSIVE_OPTION,
    {
      flags: '--cluster-down <name>',
      description: 'a cluster that would be lost; repeatable',
      takes: 'list',
      complete: 'cluster',
    },
    {
      flags: '--add-nodes <cluster=count:resources>',
      description: 'nodes that a cluster would get, such as eu-1=2:cpu=4,memory=16Gi; repeatable',
      takes: 'list',
    },
    {
      flags: '--policy <file>',
      description: 'a file of policies, queues or priority classes as they would be; repeatable',
      takes: 'list',
      complete: 'file',
    },
    NAMESPACE_OPTION,
    { flags: '-o, --output <format>', description: 'json or yaml', choices: ['json', 'yaml'] },
  ],
  load: async () => (await import('./simulate.js')).simulate,
};
