import type { CommandSpec } from '../../cli/command-spec.js';

export const consoleDefinition: CommandSpec = {
  name: 'console',
  summary: 'Print a link that opens the web console and signs you in; good once, for ten minutes',
  examples: [['skyctl console', 'open what it prints in a browser']],
  options: [{ flags: '-o, --output <format>', description: 'json', choices: ['json'] }],
  load: async () => (await import('./console.js')).printConsoleLink,
};
