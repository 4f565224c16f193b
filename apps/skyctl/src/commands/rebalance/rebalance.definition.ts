import type { CommandSpec } from '../../cli/command-spec.js';
import { NAMESPACE_OPTION } from '../../cli/help.js';

export const rebalanceDefinition: CommandSpec = {
  name: 'rebalance',
  arguments: '[kind] [names...]',
  argumentDescriptions: { kind: 'deployment or job, or KIND/NAME; nothing: all of them', names: 'names of objects' },
  summary:
    'Move replicas to where they are better off now: to new or emptier clusters, back to weights and constraints',
  details:
    'Shows what would move, then asks. A placement that was made stays until somebody asks for another: this asks once. Replicas leave when their replacement is ready, a few workloads at a time; what runs to completion, and what is on clusters that are cordoned, stays. It is over after ten minutes at the latest.',
  examples: [
    ['skyctl rebalance --dry-run', 'only what would move'],
    ['skyctl rebalance --max-replicas 10', 'the first ten replicas'],
    ['skyctl rebalance deployment/web --yes', 'one workload, in a script'],
  ],
  options: [
    {
      flags: '--max-replicas <count>',
      description: 'move no more than so many replicas; default: all that are listed',
    },
    { flags: '-A, --all-namespaces', description: 'of all namespaces' },
    { flags: '--dry-run', description: 'only say what would move; nothing is changed' },
    { flags: '-y, --yes', description: 'do not ask; needed where nobody can be asked' },
    { flags: '--force', description: 'also when more than half of all replicas, and more than ten, would move' },
    NAMESPACE_OPTION,
  ],
  complete: ['workload', 'kind:name'],
  load: async () => (await import('./rebalance.js')).rebalance,
};
