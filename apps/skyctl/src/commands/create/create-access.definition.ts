import type { CommandSpec } from '../../cli/command-spec.js';
import { DRY_RUN_OPTION, PRINT_OPTION } from './write-options.js';

const list = (flags: string, description: string, spellings: readonly string[]) =>
  ({ flags, description, takes: 'list', spellings }) as const;

/** Users, roles, bindings and tokens. */
export const createAccessDefinitions: readonly CommandSpec[] = [
  {
    name: 'user',
    aliases: ['users'],
    arguments: '<name>',
    summary: 'Create a user without a password: a machine, or one of an OpenID provider',
    examples: [['skyctl create user ci --service', 'a machine; then: skyctl create token --user ci']],
    options: [
      { flags: '--service', description: 'a machine: it has tokens only' },
      { flags: '--email <address>', description: 'where the person is reached' },
      list('-g, --group <name>', 'a group that it is in; repeatable', ['groups']),
      DRY_RUN_OPTION,
      PRINT_OPTION,
    ],
    load: async () => (await import('./create-access.js')).createUser,
  },
  {
    name: 'role',
    aliases: ['roles'],
    arguments: '<name>',
    summary: 'Create a role, and bind it to users where some are named',
    examples: [
      ['skyctl create role dev -a get -a list -a create -r jobs -r pods -n team-a -u jo', 'in one namespace, for jo'],
      ["skyctl create role ops --action '*' --resource clusters --resource nodes", 'everything with clusters'],
    ],
    options: [
      list(
        '-a, --action <verb>',
        'what may be done: get, list, watch, create, update, patch, delete, logs, exec; * for all',
        ['verb', 'actions', 'verbs'],
      ),
      list('-r, --resource <kind>', 'with which kinds; * for all', ['kind', 'resources', 'kinds']),
      list('-n, --namespace <name>', 'only in this namespace; repeatable', ['namespaces']),
      list('--name <name>', 'only objects of this name; repeatable', ['names']),
      list('-c, --cluster <name>', 'only what is of this cluster; repeatable', ['clusters']),
      list('-u, --users <name>', 'bind it to this user; repeatable', ['user']),
      DRY_RUN_OPTION,
      PRINT_OPTION,
    ],
    load: async () => (await import('./create-access.js')).createRole,
  },
  {
    name: 'rolebinding',
    aliases: ['rolebindings'],
    arguments: '<name>',
    summary: 'Give a role to users and groups',
    examples: [['skyctl create rolebinding readers --role reader-role --group guests -n team-a', 'in one namespace']],
    options: [
      { flags: '--role <name>', description: 'the role' },
      list('-u, --user <name>', 'a user; repeatable', ['users']),
      list('-g, --group <name>', 'a group; repeatable', ['groups']),
      list('-n, --namespace <name>', 'only in this namespace; repeatable', ['namespaces']),
      DRY_RUN_OPTION,
      PRINT_OPTION,
    ],
    load: async () => (await import('./create-access.js')).createRoleBinding,
  },
  {
    name: 'token',
    aliases: ['tokens'],
    summary: 'Create a token for a machine; it is shown this once',
    examples: [['skyctl create token --user ci --expires-in 90d', 'of the user ci']],
    options: [
      { flags: '-u, --user <name>', description: 'whose it is (default: yours)' },
      { flags: '--expires-in <duration>', description: 'how long it is good (default 30d)' },
      { flags: '--description <text>', description: 'what it is for' },
      { flags: '-o, --output <format>', description: 'json', choices: ['json'] },
    ],
    load: async () => (await import('./create-access.js')).createToken,
  },
];
