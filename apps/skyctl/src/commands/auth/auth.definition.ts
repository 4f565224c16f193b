import type { CommandSpec } from '../../cli/command-spec.js';
import { NAMESPACE_OPTION } from '../../cli/help.js';
import { VERBS } from './verbs.js';

export const authDefinition: CommandSpec = {
  name: 'auth',
  summary: 'Who you are, and what you may do',
  subcommands: [
    {
      name: 'whoami',
      summary: 'Show your name, groups and roles, and when your token ends',
      examples: [['skyctl auth whoami', 'the user of the context in use']],
      options: [{ flags: '-o, --output <format>', description: 'json or yaml', choices: ['json', 'yaml'] }],
      load: async () => (await import('./whoami.js')).whoami,
    },
    {
      name: 'can-i',
      arguments: '[verb] [kind] [name]',
      argumentDescriptions: { verb: VERBS.join(', '), kind: 'kind of object', name: 'of one object' },
      summary: 'Whether you may do something; exit code 1 if not',
      examples: [
        ['skyctl auth can-i create jobs -n team-a', 'yes or no, and why not'],
        ['skyctl auth can-i exec pods', 'reach into pods'],
        ['skyctl auth can-i --list', 'everything that you may'],
      ],
      options: [
        { flags: '--list', description: 'show all that you may do in the namespace' },
        { flags: '-q, --quiet', description: 'only the exit code' },
        { flags: '-A, --all-namespaces', description: 'in every namespace' },
        { flags: '--subresource <name>', description: 'of a subresource: log, exec, scale' },
        { flags: '--no-headers', description: 'with --list: leave out the titles of the columns' },
        NAMESPACE_OPTION,
      ],
      complete: [VERBS, 'kind'],
      load: async () => (await import('./can-i.js')).canI,
    },
    {
      name: 'password',
      arguments: '[user]',
      summary: 'Change a password, your own by default; ends the sessions of its user',
      examples: [['skyctl auth password', 'asks for the old and the new one']],
      options: [{ flags: '--password-stdin', description: 'read the new password from standard input' }],
      load: async () => (await import('./password.js')).changePassword,
    },
    {
      name: 'credential',
      hidden: true,
      summary: 'A token for kubectl, as its exec plugins print it; kubeconfigs of "skyctl kubeconfig" call this',
      load: async () => (await import('./credential.js')).printCredential,
    },
  ],
};
