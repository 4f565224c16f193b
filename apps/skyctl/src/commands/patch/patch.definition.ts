import type { CommandSpec } from '../../cli/command-spec.js';
import { NAMESPACE_OPTION } from '../../cli/help.js';
import { FILE_OPTIONS } from '../apply/apply.definition.js';
import { DRY_RUN_OPTION, FIELD_MANAGER_OPTION, MOVES_FORCE_OPTION, PRINT_OPTION } from '../create/write-options.js';

export const patchDefinition: CommandSpec = {
  name: 'patch',
  arguments: '[kind] [names...]',
  argumentDescriptions: { kind: 'kind of object, or KIND/NAME', names: 'names of objects' },
  summary: 'Change some fields of objects',
  details:
    'The patch is JSON or YAML. A merge patch has the fields as they are to be, null takes one away; lists are replaced whole. Native kinds take strategic patches, in which lists are merged by name.',
  examples: [
    [`skyctl patch job hello -p '{"spec":{"replicas":3}}'`, 'one field'],
    [`skyctl patch cluster eu-1 -p 'spec: {region: eu-west-1}'`, 'as YAML'],
    [
      `skyctl patch deploy/web --type json -p '[{"op":"replace","path":"/spec/replicas","value":2}]'`,
      'operations one after the other',
    ],
    ['skyctl patch deploy/web --patch-file change.yaml --dry-run server -o yaml', 'see what would become of it'],
  ],
  options: [
    { flags: '-p, --patch <text>', description: 'the patch, as JSON or YAML' },
    { flags: '--patch-file <file>', description: 'a file that has it; - for stdin', complete: 'file' },
    {
      flags: '--type <type>',
      description: "merge (default for SkyFlow's kinds), strategic (default for native kinds) or json",
      choices: ['merge', 'strategic', 'json'],
    },
    ...FILE_OPTIONS,
    MOVES_FORCE_OPTION,
    NAMESPACE_OPTION,
    DRY_RUN_OPTION,
    FIELD_MANAGER_OPTION,
    PRINT_OPTION,
  ],
  complete: ['kind', 'kind:name'],
  load: async () => (await import('./patch.js')).patch,
};
