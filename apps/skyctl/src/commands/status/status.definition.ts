import type { CommandSpec } from '../../cli/command-spec.js';
import { AT_OPTION } from '../get/get.definition.js';

export const statusDefinition: CommandSpec = {
  name: 'status',
  direct: true,
  summary: 'Show the super-cluster at a glance: clusters, workloads, what needs attention, services',
  examples: [
    ['skyctl status', 'is everything well?'],
    ['skyctl status --at "2 hours ago"', 'was everything well then?'],
    ['skyctl status -w', 'a screen to leave open; q ends it'],
  ],
  options: [{ flags: '-w, --watch', description: 'go on and show it as it changes; on a terminal only' }, AT_OPTION],
  load: async () => (await import('./status.js')).status,
};
