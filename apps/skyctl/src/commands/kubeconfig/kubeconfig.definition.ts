import type { CommandSpec } from '../../cli/command-spec.js';

export const kubeconfigDefinition: CommandSpec = {
  name: 'kubeconfig',
  summary: 'Write a context for kubectl, with which it uses the super-cluster as a cluster',
  details:
    'Tokens are not in it: kubectl asks skyctl for the one of the session. The file is $KUBECONFIG if it names one, else ~/.kube/config.',
  examples: [
    ['skyctl kubeconfig', 'then: kubectl --context skyflow get pods'],
    ['skyctl kubeconfig --print > sky.yaml', 'into a file of its own'],
  ],
  options: [
    { flags: '--name <name>', description: 'name of the context (default skyflow)' },
    { flags: '-f, --file <file>', description: 'kubeconfig to write into', complete: 'file' },
    { flags: '--print', description: 'print it and write nothing' },
    { flags: '--use', description: 'make it the current context' },
  ],
  load: async () => (await import('./kubeconfig.js')).writeKubeconfig,
};
