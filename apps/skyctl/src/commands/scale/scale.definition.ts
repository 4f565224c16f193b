import type { CommandSpec } from '../../cli/command-spec.js';
import { NAMESPACE_OPTION } from '../../cli/help.js';

export const scaleDefinition: CommandSpec = {
  name: 'scale',
  arguments: '<kind> [names...]',
  argumentDescriptions: { kind: 'job or deployment, or KIND/NAME', names: 'names of objects' },
  summary: 'Change how many replicas a job or deployment has',
  examples: [
    ['skyctl scale job hello --replicas 4', 'over all clusters together'],
    ['skyctl scale deploy/web --replicas 5 --current-replicas 3', 'only if it has three now'],
  ],
  options: [
    { flags: '--replicas <count>', description: 'how many there are to be' },
    { flags: '--current-replicas <count>', description: 'only if there are so many now' },
    NAMESPACE_OPTION,
  ],
  complete: ['workload', 'kind:name'],
  load: async () => (await import('./scale.js')).scale,
};
