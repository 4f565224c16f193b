import type { CommandSpec } from '../../cli/command-spec.js';
import { NAMESPACE_OPTION } from '../../cli/help.js';
import { FILENAME_OPTION, KUSTOMIZE_OPTION, RECURSIVE_OPTION } from '../apply/apply.definition.js';

export const diffDefinition: CommandSpec = {
  name: 'diff',
  summary: 'Show what apply would change, checked by the server',
  details:
    'Compares what is there with what a server-side dry run of the apply gives, as a unified diff of YAML. Values of Secrets are shown as *** with whether they change. Ends with 0 where nothing would change and with 1 where something would, as diff does; KUBECTL_EXTERNAL_DIFF names another program than "diff -u -N".',
  examples: [
    ['skyctl diff -f manifests/', 'before applying a directory'],
    ['KUBECTL_EXTERNAL_DIFF="git diff --no-index --" skyctl diff -f job.yaml', 'by another program'],
  ],
  options: [
    FILENAME_OPTION,
    KUSTOMIZE_OPTION,
    RECURSIVE_OPTION,
    NAMESPACE_OPTION,
    { flags: '-l, --selector <selector>', description: 'only objects with these labels: app=nginx,tier!=db' },
    { flags: '--force-conflicts', description: 'as if fields that others manage were taken over' },
    { flags: '--field-manager <name>', description: 'who would manage the fields (default skyctl)' },
    { flags: '--show-managed-fields', description: 'compare managedFields too' },
    { flags: '--server-side', description: 'accepted for kubectl users: it always is' },
  ],
  load: async () => (await import('./diff.js')).diff,
};
