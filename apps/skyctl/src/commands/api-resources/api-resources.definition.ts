import type { CommandSpec } from '../../cli/command-spec.js';

export const apiResourcesDefinition: CommandSpec = {
  name: 'api-resources',
  direct: true,
  summary: 'List the kinds that the server has, with their short names',
  examples: [['skyctl api-resources -o name', 'as get and delete take them']],
  options: [
    { flags: '-o, --output <format>', description: 'name', choices: ['name'] },
    { flags: '--namespaced', description: 'only kinds in namespaces; --namespaced=false: only the others' },
    { flags: '--no-headers', description: 'leave out the titles of the columns' },
  ],
  load: async () => (await import('./api-resources.js')).apiResources,
};
