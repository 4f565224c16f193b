import type { CommandSpec } from '../../cli/command-spec.js';

export const uninstallDefinition: CommandSpec = {
  name: 'uninstall',
  summary: 'Remove all that SkyFlow made on clusters and on this workstation, and nothing else',
  details:
    'Shows what is there first, object by object. With --cluster only that cluster: it is taken out of SkyFlow if that can be reached, and by the kubeconfig alone if not. Without, everything of the instance that "npm run up" keeps in SKYFLOW_HOME: its processes, what its agents made on their clusters, its data, caches, contexts in kubeconfig files, completions. What others made stays: a namespace that holds anything of theirs stays with it. Afterwards it is looked again whether anything is left.',
  examples: [
    ['skyctl uninstall --dry-run', 'what would go, and what would stay'],
    ['skyctl uninstall --yes', 'everything of this workstation and its clusters'],
    ['skyctl uninstall --cluster prod-eu --yes', 'only what is on prod-eu'],
    ['skyctl uninstall --cluster eu --kubeconfig eu.kubeconfig --yes', 'also when SkyFlow itself is gone'],
  ],
  options: [
    { flags: '--dry-run', description: 'only say what would be removed; nothing is changed' },
    { flags: '-y, --yes', description: 'remove it; without --yes or --dry-run nothing is done' },
    {
      flags: '--cluster <name>',
      description: 'only what is on this cluster: its name in SkyFlow, or a context of the kubeconfig; may be repeated',
      takes: 'list',
      complete: 'cluster',
    },
    {
      flags: '--kubeconfig <file>',
      description: 'where its context is (default: where its agent has it, KUBECONFIG, ~/.kube/config)',
      complete: 'file',
    },
    { flags: '--timeout <duration>', description: 'how long the objects of one cluster may take to go; default 5m' },
    {
      flags: '--abandon-clusters',
      description:
        'also when SkyFlow has built clusters whose machines are still there; they stay, and nobody knows of them',
    },
  ],
  load: async () => (await import('./uninstall.js')).uninstall,
};
