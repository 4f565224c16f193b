import type { CommandSpec } from '../../cli/command-spec.js';
import { NAMESPACE_OPTION } from '../../cli/help.js';
import { FILE_OPTIONS } from '../apply/apply.definition.js';
import { DRY_RUN_OPTION, PRINT_OPTION } from '../create/write-options.js';
import { SELECTOR_OPTION } from '../get/get.definition.js';

export const scaleDefinition: CommandSpec = {
  name: 'scale',
  arguments: '[kind] [names...]',
  argumentDescriptions: { kind: 'job or deployment, or KIND/NAME', names: 'names of objects' },
  summary: 'Change how many replicas a job or deployment has',
  examples: [
    ['skyctl scale job hello --replicas 4', 'over all clusters together'],
    ['skyctl scale deploy/web --replicas 5 --current-replicas 3', 'only if it has three now'],
    ['skyctl scale jobs -l tier=test --replicas 0', 'by label'],
  ],
  options: [
    { flags: '--replicas <count>', description: 'how many there are to be' },
    { flags: '--current-replicas <count>', description: 'only if there are so many now' },
    { flags: '--resource-version <version>', description: 'only if this is its version now' },
    { flags: '--timeout <duration>', description: 'wait until so many are ready, at most this long' },
    { flags: '--all', description: 'every object of the kind in the namespace' },
    SELECTOR_OPTION,
    ...FILE_OPTIONS,
    NAMESPACE_OPTION,
    DRY_RUN_OPTION,
    PRINT_OPTION,
  ],
  complete: ['workload', 'kind:name'],
  load: async () => (await import('./scale.js')).scale,
};
