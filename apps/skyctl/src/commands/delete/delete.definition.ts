import type { CommandSpec } from '../../cli/command-spec.js';
import { NAMESPACE_OPTION } from '../../cli/help.js';
import { FILENAME_OPTION, KUSTOMIZE_OPTION, RECURSIVE_OPTION } from '../apply/apply.definition.js';
import { ALL_NAMESPACES_OPTION, SELECTOR_OPTION } from '../get/get.definition.js';

export const deleteDefinition: CommandSpec = {
  name: 'delete',
  arguments: '[kind] [names...]',
  argumentDescriptions: { kind: 'kind of object, or KIND/NAME', names: 'names of objects' },
  summary: 'Delete objects by name, by label, or as files say',
  details:
    'Waits until they are gone from every cluster, 30 s unless --timeout says otherwise; after that the deletion goes on by itself.',
  examples: [
    ['skyctl delete job hello', 'one job, everywhere'],
    ['skyctl delete jobs,deployments -l app=nginx', 'by label'],
    ['skyctl delete -f manifests/', 'everything in a directory'],
    ['skyctl delete jobs --all --wait=false', 'every job of the namespace, without waiting'],
  ],
  options: [
    FILENAME_OPTION,
    KUSTOMIZE_OPTION,
    RECURSIVE_OPTION,
    SELECTOR_OPTION,
    { flags: '--all', description: 'every object of the kind in the namespace' },
    NAMESPACE_OPTION,
    ALL_NAMESPACES_OPTION,
    { flags: '--force', description: 'forget it at once, even if a cluster that has it cannot be reached' },
    {
      flags: '--cascade <how>',
      description:
        'what belongs to it goes too in the "background" (default) or before it, "foreground"; "orphan": it stays',
      choices: ['background', 'foreground', 'orphan', 'true', 'false'],
    },
    { flags: '--field-selector <selector>', description: 'objects with these fields: status.phase=FAILED' },
    { flags: '--grace-period <seconds>', description: 'time that pods get to end; -1: as they say (default)' },
    { flags: '--now', description: 'pods get one second to end' },
    { flags: '-i, --interactive', description: 'show what would be deleted, and ask' },
    { flags: '-o, --output <format>', description: 'name', choices: ['name'] },
    { flags: '--ignore-not-found', description: 'what is not there counts as deleted' },
    { flags: '--wait', description: 'wait until it is gone (default; --wait=false does not)' },
    { flags: '--timeout <duration>', description: 'how long to wait, such as 2m; running out of it is then a failure' },
    {
      flags: '--dry-run <where>',
      description: 'only say what would be deleted',
      choices: ['client', 'server', 'none'],
    },
  ],
  complete: ['kind', 'kind:name'],
  load: async () => (await import('./delete.js')).deleteObjects,
};
