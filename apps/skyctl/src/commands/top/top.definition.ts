import type { CommandSpec, OptionSpec } from '../../cli/command-spec.js';
import { NAMESPACE_OPTION } from '../../cli/help.js';
import { ALL_NAMESPACES_OPTION, AT_OPTION, SELECTOR_OPTION } from '../get/get.definition.js';

export const TOP_OPTIONS: readonly OptionSpec[] = [
  {
    flags: '--sort-by <column>',
    description: 'cpu (default), memory, gpu or name',
    choices: ['cpu', 'memory', 'gpu', 'name'],
  },
  { flags: '-w, --watch', description: 'go on and show it as it changes; on a terminal only' },
  { flags: '--no-headers', description: 'leave out the titles of the columns' },
];

export const topDefinition: CommandSpec = {
  name: 'top',
  direct: true,
  arguments: '[what]',
  argumentDescriptions: { what: 'clusters, nodes, workloads, pods or namespaces; nothing: clusters and workloads' },
  summary: 'Show who takes how much of what there is',
  details:
    'Amounts are what pods ask for (requests), which is what placement counts with: of clusters and nodes all pods on them, of the others their own share.',
  examples: [
    ['skyctl top -w', 'a screen to leave open; q ends it'],
    ['skyctl top nodes --sort-by memory', 'the fullest nodes of all clusters first'],
    ['skyctl top pods -A -l app=nginx', 'pods by label in all namespaces'],
  ],
  options: [...TOP_OPTIONS, NAMESPACE_OPTION, ALL_NAMESPACES_OPTION, SELECTOR_OPTION, AT_OPTION],
  complete: [['clusters', 'nodes', 'workloads', 'pods', 'namespaces']],
  load: async () => (await import('./top.js')).top,
};
