import type { CommandSpec } from '../../cli/command-spec.js';
import { NAMESPACE_OPTION } from '../../cli/help.js';
import { FILE_OPTIONS } from '../apply/apply.definition.js';
import { ALL_NAMESPACES_OPTION, AT_OPTION, SELECTOR_OPTION } from '../get/get.definition.js';

export const describeDefinition: CommandSpec = {
  name: 'describe',
  direct: true,
  arguments: '[kind] [names...]',
  argumentDescriptions: { kind: 'kind of object, or KIND/NAME', names: 'names of objects; none: all of them' },
  summary: 'Tell everything about objects, for people',
  examples: [
    ['skyctl describe job hello', 'where it runs, and why it does not'],
    ['skyctl describe job hello --at "an hour ago"', 'what it was then'],
    ['skyctl describe cluster mluo-cloud', 'its nodes and what is free on them'],
  ],
  options: [NAMESPACE_OPTION, ALL_NAMESPACES_OPTION, SELECTOR_OPTION, ...FILE_OPTIONS, AT_OPTION],
  complete: ['kind', 'kind:name'],
  load: async () => (await import('./describe.js')).describe,
};
