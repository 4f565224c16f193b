import type { CommandSpec } from '../../cli/command-spec.js';
import { NAMESPACE_OPTION } from '../../cli/help.js';
import { AT_OPTION } from '../get/get.definition.js';

export const historyDefinition: CommandSpec = {
  name: 'history',
  arguments: '<kind> [name]',
  argumentDescriptions: { kind: 'kind of object, or KIND/NAME', name: 'name of the object' },
  summary: 'Show who did what to an object, when, and what followed',
  details: 'The history of an object that is gone is shown too: the log keeps it.',
  examples: [
    ['skyctl history job hello', 'from its creation on'],
    ['skyctl history cluster mluo-cloud -o wide', 'with positions in the log and what belongs together'],
    ['skyctl history deploy/web --limit 5', 'the last five things'],
  ],
  options: [
    { flags: '-o, --output <format>', description: 'wide, json or yaml', choices: ['wide', 'json', 'yaml'] },
    { flags: '--limit <count>', description: 'the latest so many (default 500)' },
    NAMESPACE_OPTION,
    AT_OPTION,
  ],
  complete: ['kind', 'kind:name'],
  load: async () => (await import('./history.js')).history,
};
