import type { CommandSpec } from '../../cli/command-spec.js';
import { NAMESPACE_OPTION } from '../../cli/help.js';
import { FILE_OPTIONS } from '../apply/apply.definition.js';
import { ALL_NAMESPACES_OPTION, SELECTOR_OPTION } from '../get/get.definition.js';

export const waitDefinition: CommandSpec = {
  name: 'wait',
  direct: true,
  arguments: '[kind] [names...]',
  argumentDescriptions: { kind: 'kind of object, or KIND/NAME', names: 'names of objects' },
  summary: 'Wait until something is true of objects',
  examples: [
    ['skyctl wait job hello --for phase=RUNNING', 'until it runs'],
    ['skyctl wait job train --for phase=COMPLETED --timeout 2h', 'until it is finished'],
    ['skyctl wait deploy/web --for condition=Available', 'until a condition is True'],
    ["skyctl wait job hello --for jsonpath='{.status.ready}'=2", 'until a field has a value'],
    ['skyctl wait job hello --for delete', 'until it is gone'],
  ],
  options: [
    {
      flags: '--for <what>',
      description: "phase=RUNNING, condition=NAME[=STATUS], jsonpath='{.path}'[=VALUE], create or delete",
      complete: ['phase=RUNNING', 'phase=COMPLETED', 'phase=READY', 'condition=', 'jsonpath=', 'create', 'delete'],
    },
    { flags: '--timeout <duration>', description: 'give up after this long: 30s (default), 5m, 1h' },
    NAMESPACE_OPTION,
    ALL_NAMESPACES_OPTION,
    SELECTOR_OPTION,
    { flags: '--field-selector <selector>', description: 'objects with these fields: metadata.name=hello' },
    ...FILE_OPTIONS,
    { flags: '--all', description: 'every object of the kind in the namespace' },
  ],
  complete: ['kind', 'kind:name'],
  load: async () => (await import('./wait.js')).wait,
};
