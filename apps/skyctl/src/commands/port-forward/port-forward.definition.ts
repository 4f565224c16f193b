import type { CommandSpec } from '../../cli/command-spec.js';
import { NAMESPACE_OPTION } from '../../cli/help.js';
import { TARGET_DESCRIPTION } from '../exec/exec.definition.js';

export const portForwardDefinition: CommandSpec = {
  name: 'port-forward',
  aliases: ['pf'],
  direct: true,
  arguments: '<target> <ports...>',
  argumentDescriptions: {
    target: TARGET_DESCRIPTION,
    ports: '8080 (the same here), 8000:80, :80 (any free one here), or 8000:NAME of a port',
  },
  summary: 'Reach ports of a pod from this machine',
  details:
    'Each connection has a way of its own to the pod: a slow one holds up no other, and one that breaks ends alone.',
  examples: [
    ['skyctl port-forward deployment/web 8080:80', 'then open http://127.0.0.1:8080'],
    ['skyctl port-forward pod/web-7x2lq.mluo-cloud :5432', 'on a free port, which is said'],
  ],
  options: [
    { flags: '--address <ip>', description: 'listen on this address of this machine (default 127.0.0.1)' },
    { flags: '--manager <manager>', description: 'accepted for scripts of the seed system: k8', complete: ['k8'] },
    { flags: '--cluster <name>', description: 'to a pod of this cluster', complete: 'cluster' },
    NAMESPACE_OPTION,
  ],
  complete: ['job'],
  load: async () => (await import('./port-forward.js')).portForward,
};
