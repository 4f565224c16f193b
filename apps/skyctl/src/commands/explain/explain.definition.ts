import type { CommandSpec } from '../../cli/command-spec.js';
import { NAMESPACE_OPTION } from '../../cli/help.js';
import { AT_OPTION } from '../get/get.definition.js';

export const explainDefinition: CommandSpec = {
  name: 'explain',
  direct: true,
  arguments: '<kind> [name]',
  argumentDescriptions: {
    kind: 'job or deployment, or KIND/NAME; without a name, the kind or KIND.FIELD to document',
    name: 'name of the object',
  },
  summary:
    'Say why replicas are where they are: what the scheduler saw in each cluster; or what the fields of a kind mean',
  examples: [
    ['skyctl explain job hello', 'which clusters were taken, which not, and why'],
    ['skyctl explain job.spec.template', 'what the fields mean, as in kubectl'],
    ['skyctl explain deployments.apps --recursive', 'all fields of a kind, by name and type'],
  ],
  options: [
    { flags: '-o, --output <format>', description: 'json or yaml', choices: ['json', 'yaml'] },
    { flags: '-R, --recursive', description: 'of a kind: its fields all the way down, without descriptions' },
    { flags: '--api-version <version>', description: 'of a kind: in this group and version, such as batch/v1' },
    NAMESPACE_OPTION,
    AT_OPTION,
  ],
  complete: ['workload', 'kind:name'],
  load: async () => (await import('./explain.js')).explain,
};
