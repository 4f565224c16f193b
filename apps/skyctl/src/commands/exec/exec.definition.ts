import type { CommandSpec, OptionSpec } from '../../cli/command-spec.js';
import { NAMESPACE_OPTION } from '../../cli/help.js';

export const TARGET_DESCRIPTION = 'a job (hello), KIND/NAME (deployment/web), or a pod (pod/web-1.mluo-onprem)';

export const POD_OPTIONS: readonly OptionSpec[] = [
  {
    flags: '-c, --container <name>',
    description: 'in this container (default: the first)',
    spellings: ['containers', 'cts'],
  },
  { flags: '--cluster <name>', description: 'in a pod of this cluster', complete: 'cluster' },
  { flags: '--task <pod>', description: 'in this pod of the job or deployment', spellings: ['tasks'] },
  { flags: '-q, --quiet', description: 'say nothing besides' },
  NAMESPACE_OPTION,
];

export const STREAM_OPTIONS: readonly OptionSpec[] = [
  { flags: '-i, --stdin', description: 'pass input on to it' },
  { flags: '-t, --tty', description: 'give it a terminal, of the size of this one' },
];

export const execDefinition: CommandSpec = {
  name: 'exec',
  direct: true,
  arguments: '<target>',
  argumentDescriptions: { target: TARGET_DESCRIPTION },
  summary: 'Run a command in a pod of any cluster',
  restFrom: 1,
  details:
    'Ends with the exit code of the command. Of a job or deployment one of its running pods is taken, and said. Flags of skyctl come before the command, or before "--".',
  examples: [
    ['skyctl exec hello -- ls -l', 'in a pod of a job'],
    ['skyctl exec -it deployment/web --cluster mluo-onprem -- sh', 'a shell, in one cluster'],
    ['skyctl exec -i pod/web-7x2lq.mluo-cloud -c main -- tee f < local', 'in one pod and container, with input'],
  ],
  options: [...STREAM_OPTIONS, ...POD_OPTIONS],
  complete: ['job'],
  load: async () => (await import('./exec.js')).exec,
};
