import type { CommandSpec, OptionSpec } from '../../cli/command-spec.js';
import { NAMESPACE_OPTION } from '../../cli/help.js';
import { DRY_RUN_OPTION, PRINT_OPTION } from '../create/write-options.js';

/** Of every command that reads manifests. */
export const FILENAME_OPTION: OptionSpec = {
  flags: '-f, --filename <file>',
  description: 'a file, a directory, an address (https://…), or - for stdin; repeatable',
  takes: 'list',
  spellings: ['file'],
  complete: 'file',
};
export const RECURSIVE_OPTION: OptionSpec = {
  flags: '-R, --recursive',
  description: 'directories with those inside them',
};

export const KUSTOMIZE_OPTION: OptionSpec = {
  flags: '-k, --kustomize <directory>',
  description: 'a kustomize directory; takes kustomize or kubectl in PATH',
  complete: 'file',
};

/** Of commands that take objects from files. */
export const FILE_OPTIONS: readonly OptionSpec[] = [FILENAME_OPTION, KUSTOMIZE_OPTION, RECURSIVE_OPTION];

export const applyDefinition: CommandSpec = {
  name: 'apply',
  summary: 'Make objects be as files say (server-side apply)',
  details:
    "Files hold YAML or JSON, several documents too, of SkyFlow's kinds and of native ones (apps/v1 Deployment, batch/v1 Job, v1 ConfigMap, …). Nothing is sent if a file cannot be read or names an unknown kind. The seed system's own form of YAML (no apiVersion, snake_case) is understood and said. What a change of policies or clusters would move is shown first.",
  examples: [
    ['skyctl apply -f hello.yaml', 'one file'],
    ['skyctl apply -f manifests/ -R', 'a directory with everything inside'],
    ['skyctl apply -k overlays/prod', 'a kustomization'],
    ['skyctl apply -f https://example.org/web.yaml', 'from the web'],
    ['helm template . | skyctl apply -f -', 'from another program'],
    [
      'skyctl apply -f manifests/ --prune -l app=web',
      'and delete what of app=web was applied before and is not in them',
    ],
    ['skyctl apply -f hello.yaml --dry-run server', 'have it checked, change nothing'],
    ['skyctl apply -f policy.yaml --dry-run server', 'see what a policy would move'],
  ],
  options: [
    FILENAME_OPTION,
    KUSTOMIZE_OPTION,
    RECURSIVE_OPTION,
    NAMESPACE_OPTION,
    { flags: '-l, --selector <selector>', description: 'only objects with these labels: app=nginx,tier!=db' },
    { flags: '--prune', description: 'delete what was applied before and is in the files no longer; with -l or --all' },
    { flags: '--all', description: 'with --prune: all that was applied in the namespaces of the files' },
    {
      flags: '--prune-allowlist <kind>',
      description:
        'with --prune: only these kinds, as group/version/Kind; repeatable (default: jobs, deployments, services, policies, config maps, secrets)',
      takes: 'list',
      spellings: ['prune-whitelist'],
    },
    { flags: '--force-conflicts', description: 'take over fields that others manage' },
    {
      flags: '--force',
      description:
        'also change policies and clusters where more than half of all replicas, and more than ten, would move, or some find no place',
    },
    { flags: '--server-side', description: 'accepted for kubectl users: it always is' },
    { flags: '--field-manager <name>', description: 'who manages the fields (default skyctl)' },
    DRY_RUN_OPTION,
    PRINT_OPTION,
  ],
  load: async () => (await import('./apply.js')).apply,
};
