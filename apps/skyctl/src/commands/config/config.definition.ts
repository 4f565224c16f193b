import type { CommandSpec } from '../../cli/command-spec.js';
import { NAMESPACE_OPTION } from '../../cli/help.js';

export const configDefinition: CommandSpec = {
  name: 'config',
  summary: 'Show and choose contexts: servers with their tokens',
  subcommands: [
    {
      name: 'view',
      summary: 'Show the configuration file, without its tokens',
      examples: [['skyctl config view --raw', 'with tokens']],
      options: [
        { flags: '--raw', description: 'with tokens' },
        { flags: '--minify', description: 'only the context in use' },
        { flags: '-o, --output <format>', description: 'yaml (default) or json', choices: ['yaml', 'json'] },
      ],
      load: async () => (await import('./config.js')).viewConfig,
    },
    {
      name: 'get-contexts',
      aliases: ['get-ctx'],
      summary: 'List the contexts; a star marks the one in use',
      examples: [['skyctl config get-contexts -o name', 'just their names']],
      options: [
        { flags: '-o, --output <format>', description: 'name', choices: ['name'] },
        { flags: '--no-headers', description: 'leave out the titles of the columns' },
      ],
      load: async () => (await import('./config.js')).listContexts,
    },
    {
      name: 'use-context',
      aliases: ['use-ctx', 'swap-context', 'swap-ctx'],
      arguments: '<name>',
      summary: 'Use another context from now on',
      examples: [['skyctl config use-context local', 'the SkyFlow on this machine']],
      complete: ['context'],
      load: async () => (await import('./config.js')).chooseContext,
    },
    {
      name: 'set-context',
      aliases: ['set-ctx'],
      arguments: '[name]',
      summary: 'Make a context or change it: with --server, --token, --certificate-authority, --namespace',
      examples: [
        [
          'skyctl config set-context prod --server https://sky.example.org',
          'a new one; then: skyctl login --context prod',
        ],
        ['skyctl config set-context --current --namespace team-a', 'the namespace of the one in use'],
      ],
      options: [{ flags: '--current', description: 'the context in use' }, NAMESPACE_OPTION],
      complete: ['context'],
      load: async () => (await import('./config.js')).setContext,
    },
    {
      name: 'delete-context',
      arguments: '<name>',
      summary: 'Remove a context from the file',
      examples: [['skyctl config delete-context old', 'and its token with it']],
      complete: ['context'],
      load: async () => (await import('./config.js')).deleteContext,
    },
  ],
};
