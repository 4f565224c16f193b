import type { CommandSpec } from '../../cli/command-spec.js';

export const apiResourcesDefinition: CommandSpec = {
  name: 'api-resources',
  direct: true,
  summary: 'List the kinds that the server has, with their short names',
  examples: [['skyctl api-resources -o name', 'as get and delete take them']],
  options: [
    { flags: '-o, --output <format>', description: 'wide (with verbs) or name', choices: ['wide', 'name'] },
    { flags: '--api-group <group>', description: "only kinds of this group; '' is that of v1" },
    { flags: '--verbs <verbs>', description: 'only kinds that have all of these: list,watch', takes: 'list' },
    { flags: '--sort-by <column>', description: 'name or kind', choices: ['name', 'kind'] },
    { flags: '--namespaced', description: 'only kinds in namespaces; --namespaced=false: only the others' },
    { flags: '--no-headers', description: 'leave out the titles of the columns' },
  ],
  load: async () => (await import('./api-resources.js')).apiResources,
};
