import type { CommandSpec } from '../../cli/command-spec.js';
import { POD_OPTIONS, STREAM_OPTIONS, TARGET_DESCRIPTION } from '../exec/exec.definition.js';

export const attachDefinition: CommandSpec = {
  name: 'attach',
  direct: true,
  arguments: '<target>',
  argumentDescriptions: { target: TARGET_DESCRIPTION },
  summary: 'See what a container writes from now on, and write to it',
  details:
    'Input needs a container with "stdin: true", a terminal one with "tty: true". What was written before is in its logs.',
  examples: [
    ['skyctl attach hello', 'the output of a pod of a job'],
    ['skyctl attach -it pod/shell-7x2lq.mluo-cloud', 'the terminal of a container'],
  ],
  options: [...STREAM_OPTIONS, ...POD_OPTIONS],
  complete: ['job'],
  load: async () => (await import('./attach.js')).attach,
};
