import type { CommandSpec } from '../../cli/command-spec.js';

export const kubeconfigDefinition: CommandSpec = {
  name: 'kubeconfig',
  summary: 'Print a kubeconfig with which kubectl uses the super-cluster as a cluster, or merge it into your own',
  details:
    'It works alone: its context is the current one. The token is not in it: clients run "skyctl auth credential" for the one of the session. ' +
    '--merge adds the context to a kubeconfig, and changes nothing else there: the first file of $KUBECONFIG that exists, else ~/.kube/config. It takes ' +
    'the lock that kubectl takes, and keeps the file as it was in FILE.skyflow.bak. Your current context stays, unless you give --use or have none.',
  examples: [
    ['skyctl kubeconfig > sky.yaml', 'then: kubectl --kubeconfig sky.yaml get pods'],
    ['skyctl kubeconfig --merge', 'then: kubectl --context skyflow get pods'],
    ['skyctl kubeconfig --unmerge', 'take it out again'],
  ],
  options: [
    { flags: '--name <name>', description: 'name of context, cluster and user (default skyflow)' },
    { flags: '--merge', description: 'add it to a kubeconfig' },
    { flags: '--unmerge', description: 'take it out of a kubeconfig' },
    { flags: '-f, --file <file>', description: 'the kubeconfig of --merge and --unmerge', complete: 'file' },
    { flags: '--use', description: 'with --merge: make it the current context' },
  ],
  load: async () => (await import('./kubeconfig.js')).kubeconfig,
};
