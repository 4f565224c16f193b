import type { CommandSpec } from '../../cli/command-spec.js';
import { NAMESPACE_OPTION } from '../../cli/help.js';
import { FILE_OPTIONS } from '../apply/apply.definition.js';
import { ALL_NAMESPACES_OPTION } from '../get/get.definition.js';
import { DRY_RUN_OPTION, FIELD_MANAGER_OPTION, PRINT_OPTION } from '../create/write-options.js';

const definition = (name: 'label' | 'annotate', what: string, example: string): CommandSpec => ({
  name,
  arguments: '[kind] [rest...]',
  argumentDescriptions: {
    kind: 'kind of object, or KIND/NAME',
    rest: `names of objects, then KEY=VALUE to set and KEY- to take away`,
  },
  summary: `Set or take away ${what} of objects`,
  examples: [
    [`skyctl ${name} job hello ${example}`, 'set one'],
    [`skyctl ${name} job hello ${example} --overwrite`, 'even if it has another value'],
    [`skyctl ${name} cluster/eu-1 ${example.split('=', 1)[0] ?? ''}-`, 'take it away'],
  ],
  options: [
    { flags: '--overwrite', description: 'change values that are there already' },
    { flags: '--all', description: 'every object of the kind in the namespace' },
    { flags: '-l, --selector <selector>', description: 'objects with these labels: app=nginx' },
    { flags: '--field-selector <selector>', description: 'objects with these fields: metadata.name=hello' },
    { flags: '--list', description: `show ${what}, change nothing` },
    { flags: '--resource-version <version>', description: 'only if this is its version now' },
    ...FILE_OPTIONS,
    NAMESPACE_OPTION,
    ALL_NAMESPACES_OPTION,
    DRY_RUN_OPTION,
    FIELD_MANAGER_OPTION,
    PRINT_OPTION,
  ],
  complete: ['kind', 'kind:name'],
  load: async () => {
    const { label, annotate } = await import('./label.js');
    return name === 'label' ? label : annotate;
  },
});

export const labelDefinition = definition('label', 'labels', 'tier=gold');
export const annotateDefinition = definition('annotate', 'annotations', 'owner=jo');
