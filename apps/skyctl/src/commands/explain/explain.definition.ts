import type { CommandSpec } from '../../cli/command-spec.js';
import { NAMESPACE_OPTION } from '../../cli/help.js';
import { AT_OPTION } from '../get/get.definition.js';

export const explainDefinition: CommandSpec = {
  name: 'explain',
  direct: true,
  arguments: '<kind> [name]',
  argumentDescriptions: { kind: 'job or deployment, or KIND/NAME', name: 'name of the object' },
  summary: 'Say why replicas are where they are: what the scheduler saw in each cluster',
  examples: [['skyctl explain job hello', 'which clusters were taken, which not, and why']],
  options: [
    { flags: '-o, --output <format>', description: 'json or yaml', choices: ['json', 'yaml'] },
    NAMESPACE_OPTION,
    AT_OPTION,
  ],
  complete: ['workload', 'kind:name'],
  load: async () => (await import('./explain.js')).explain,
};
