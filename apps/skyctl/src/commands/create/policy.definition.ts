import type { CommandSpec } from '../../cli/command-spec.js';
import { NAMESPACE_OPTION } from '../../cli/help.js';
import { CLUSTERS_OPTION, PLACEMENT_OPTIONS } from './placement-options.js';
import { DRY_RUN_OPTION, MOVES_FORCE_OPTION, PRINT_OPTION } from './write-options.js';

export const createPolicyDefinition: CommandSpec = {
  name: 'policy',
  aliases: [
    'policies',
    'pp',
    'placementpolicy',
    'placementpolicies',
    'filterPolicy',
    'filterPolicies',
    'filterpolicy',
    'filterpolicies',
  ],
  arguments: '<name>',
  argumentDescriptions: { name: 'a DNS label: lower-case letters, digits, dashes' },
  summary: 'Create a placement policy: where workloads of the namespace may go',
  details:
    'It applies to workloads that name it (create job --policy NAME) and to those that it selects. What restricts adds up over all policies that apply and the workload itself; groups, division and all-or-nothing are taken from the workload, then from the policy that it names, then from those that select it, by priority and name.',
  examples: [
    [
      'skyctl create policy eu-only --all-workloads --cluster-selector region=eu',
      'everything in the namespace stays in the EU',
    ],
    ['skyctl create filterPolicy web -l app web -i mluo-cloud -e mluo-onprem', 'as in the seed system'],
    ['skyctl create policy wide --spread region:min=2,skew=1 --divide dynamic', 'for workloads that name it'],
  ],
  options: [
    {
      flags: '-l, --workload-labels <key> <value>',
      description: 'workloads that it selects, by label, as K V or K=V; repeatable',
      takes: 'pairs',
      spellings: ['label-selector', 'labelSelector', 'workload-label', 'labels'],
    },
    { flags: '--all-workloads', description: 'selects every workload of the namespace' },
    { flags: '--priority <number>', description: 'of several that select a workload, the greatest first (default 0)' },
    {
      ...CLUSTERS_OPTION,
      flags: '-i, --clusters <name>',
      spellings: ['include-cluster', 'includeCluster', 'include', 'cluster'],
    },
    ...PLACEMENT_OPTIONS.map((option) =>
      option.flags.startsWith('--exclude-clusters')
        ? {
            ...option,
            flags: '-e, --exclude-clusters <name>',
            spellings: [...(option.spellings ?? []), 'excludeCluster'],
          }
        : option,
    ),
    MOVES_FORCE_OPTION,
    NAMESPACE_OPTION,
    DRY_RUN_OPTION,
    PRINT_OPTION,
  ],
  load: async () => (await import('./create-policy.js')).createPolicy,
};
