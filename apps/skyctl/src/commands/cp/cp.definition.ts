import type { CommandSpec } from '../../cli/command-spec.js';
import { POD_OPTIONS } from '../exec/exec.definition.js';

export const cpDefinition: CommandSpec = {
  name: 'cp',
  direct: true,
  arguments: '<source> <destination>',
  argumentDescriptions: {
    source: 'a path here, or TARGET:PATH in a pod; TARGET as for exec',
    destination: 'likewise; one of the two is in a pod',
  },
  summary: 'Copy files and directories to a pod, or from one',
  details:
    'Needs tar in the container. A destination that is a directory gets the source inside it. Links that a pod sends are left out: they could lead anywhere here.',
  examples: [
    ['skyctl cp ./site deployment/web:/srv', 'a directory to a pod of a deployment'],
    ['skyctl cp pod/hello-7x2lq.mluo-cloud:/tmp/result.csv .', 'a file from one pod'],
  ],
  options: POD_OPTIONS,
  complete: ['file'],
  load: async () => (await import('./cp.js')).cp,
};
