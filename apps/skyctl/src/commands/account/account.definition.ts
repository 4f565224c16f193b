import type { CommandSpec, OptionSpec } from '../../cli/command-spec.js';

const PASSWORD_STDIN: OptionSpec = { flags: '--password-stdin', description: 'read the password from standard input' };
const OUTPUT: OptionSpec = { flags: '-o, --output <format>', description: 'json', choices: ['json'] };

export const loginDefinition: CommandSpec = {
  name: 'login',
  arguments: '[user] [password]',
  argumentDescriptions: { user: 'name of the user', password: 'asked for when it is not given' },
  summary: 'Log in: a context with a short-lived token, renewed by itself while the session lasts',
  examples: [
    ['skyctl login jo', 'asks for the password'],
    ['skyctl login jo --server https://sky.example.org --certificate-authority ca.crt', 'at another server'],
    ['skyctl login --oidc', 'at the OpenID issuer of the server, with a browser'],
    ['skyctl login --oidc --device', 'with a browser on another device'],
  ],
  options: [
    PASSWORD_STDIN,
    { flags: '--oidc', description: 'log in at the OpenID issuer that the server trusts, with a browser' },
    {
      flags: '--device',
      description: 'by a code that is entered in a browser elsewhere; the default where none can be opened',
    },
    { flags: '--issuer <url>', description: 'another issuer than the server says' },
    { flags: '--client-id <id>', description: 'another client id than the server says' },
    {
      flags: '--scopes <scopes>',
      description: 'what to ask the issuer for, with spaces (default: what it has of ours)',
    },
    {
      flags: '--callback-port <port>',
      description: 'port on this machine that the browser comes back to (default: any)',
    },
    { flags: '--no-browser', description: 'print the address and open no browser' },
    { flags: '-n, --namespace <name>', description: 'namespace of the context', complete: 'namespace' },
  ],
  load: async () => (await import('./login.js')).login,
};

export const logoutDefinition: CommandSpec = {
  name: 'logout',
  summary: 'End the session of the context in use, here and on the server',
  examples: [['skyctl logout', 'its tokens are useless from then on']],
  load: async () => (await import('./login.js')).logout,
};

export const registerDefinition: CommandSpec = {
  name: 'register',
  arguments: '<user> [password]',
  argumentDescriptions: { user: 'name of the new user', password: 'asked for when it is not given' },
  summary: 'Make a user of your own, with an invite',
  examples: [['skyctl register jo --invite skyi_…', 'asks for the password; then: skyctl login jo']],
  options: [
    { flags: '--invite <invite>', description: 'the invite that you were given', spellings: ['inv'] },
    { flags: '--email <address>', description: 'where you are reached' },
    PASSWORD_STDIN,
  ],
  load: async () => (await import('./register.js')).register,
};

export const inviteDefinition: CommandSpec = {
  name: 'invite',
  summary: 'Make an invite, with which one person registers',
  examples: [['skyctl invite --role reader-role', 'whoever registers may look at everything']],
  options: [
    {
      flags: '-r, --role <name>',
      description: 'a role of the new user; repeatable',
      takes: 'list',
      spellings: ['roles'],
    },
    { flags: '--expires-in <duration>', description: 'how long it is good (default 7d)' },
    { flags: '--json', description: 'as JSON' },
    OUTPUT,
  ],
  load: async () => (await import('./register.js')).invite,
};

export const revokeInviteDefinition: CommandSpec = {
  name: 'revoke-invite',
  aliases: ['revoke_invite'],
  arguments: '<invite>',
  summary: 'Take an invite back',
  examples: [['skyctl revoke-invite skyi_…', 'nobody can register with it any more']],
  load: async () => (await import('./register.js')).revokeInvite,
};
