import type { CommandSpec } from '../../cli/command-spec.js';
import { FILE_OPTIONS } from '../apply/apply.definition.js';
import { FIELD_MANAGER_OPTION, MOVES_FORCE_OPTION } from '../create/write-options.js';
import { NAMESPACE_OPTION } from '../../cli/help.js';

export const editDefinition: CommandSpec = {
  name: 'edit',
  arguments: '[kind] [names...]',
  argumentDescriptions: { kind: 'kind of object, or KIND/NAME', names: 'names of objects' },
  summary: 'Change objects in an editor',
  details:
    'Opens SKYFLOW_EDITOR, else KUBE_EDITOR, VISUAL, EDITOR or vi. What was changed is sent as a merge patch, so that what others change meanwhile stays. If the server refuses, the editor opens again with its reason; a file left as it was changes nothing, and of one that was refused a copy is kept.',
  examples: [
    ['skyctl edit job hello', 'one job'],
    ['SKYFLOW_EDITOR="code --wait" skyctl edit deploy/web', 'in another editor'],
  ],
  options: [
    ...FILE_OPTIONS,
    MOVES_FORCE_OPTION,
    FIELD_MANAGER_OPTION,
    NAMESPACE_OPTION,
    { flags: '--output-patch', description: 'print the patch that was sent' },
    { flags: '--show-managed-fields', description: 'keep managedFields in what is edited' },
  ],
  complete: ['kind', 'kind:name'],
  load: async () => (await import('./edit.js')).edit,
};
