import type { CommandSpec } from '../../cli/command-spec.js';

export const statusDefinition: CommandSpec = {
  name: 'status',
  direct: true,
  summary: 'Show the super-cluster at a glance: clusters, workloads, services',
  examples: [['skyctl status', 'is everything well?']],
  options: [],
  load: async () => (await import('./status.js')).status,
};
