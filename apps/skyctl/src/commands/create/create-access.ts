/** `skyctl create user|role|rolebinding|token`. */
import { API_VERSION } from '@skyflow/contracts';
import { usageError } from '../../cli/cli-error.js';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { Flags } from '../../cli/flags.js';
import { ROLE, ROLE_BINDING, USER } from '../../gateway/kinds.js';
import { submit } from './submit.js';

const words = (flags: Flags, name: string): string[] => flags.list(name).flatMap((text) => text.split(','));
const optional = (field: string, values: readonly string[]): object => (values.length === 0 ? {} : { [field]: values });

export const createUser: CommandHandler = async (session, call) => {
  const { args, flags } = call;
  const email = flags.text('email');
  const spec = {
    ...(flags.on('service') ? { type: 'Service' } : {}),
    ...(email === undefined ? {} : { email }),
    ...optional('groups', words(flags, 'group')),
  };
  return await submit(session, call, USER, { ...head('User', args[0] ?? ''), spec } as ReturnType<typeof head>);
};

export const createRole: CommandHandler = async (session, call) => {
  const { args, flags } = call;
  const [verbs, kinds] = [words(flags, 'action'), words(flags, 'resource')];
  if (verbs.length === 0 || kinds.length === 0) {
    throw usageError(
      'say what the role allows: at least one --action and one --resource',
      'such as: --action get --resource jobs',
    );
  }
  const rule = {
    verbs,
    kinds,
    ...optional('namespaces', words(flags, 'namespace')),
    ...optional('names', words(flags, 'name')),
    ...optional('clusters', words(flags, 'cluster')),
  };
  const name = args[0] ?? '';
  const code = await submit(session, call, ROLE, { ...head('Role', name), rules: [rule] } as ReturnType<typeof head>);
  const users = words(flags, 'users');
  if (users.length === 0) return code;
  return await submit(session, call, ROLE_BINDING, binding(name, name, users, [], []));
};

export const createRoleBinding: CommandHandler = async (session, call) => {
  const { args, flags } = call;
  const role = flags.text('role');
  if (role === undefined)
    throw usageError('say which role: --role NAME', '"skyctl get roles" shows those that there are');
  const object = binding(args[0] ?? '', role, words(flags, 'user'), words(flags, 'group'), words(flags, 'namespace'));
  return await submit(session, call, ROLE_BINDING, object);
};

export const createToken: CommandHandler = async (session, { flags }) => {
  const [user, description, expiresInMs] = [
    flags.text('user'),
    flags.text('description'),
    flags.durationMs('expires-in'),
  ];
  const { body } = await (
    await session.gateway()
  ).json<{ name: string; token: string; expiresAt?: string }>({
    method: 'POST',
    path: '/auth/tokens',
    body: {
      ...(user === undefined ? {} : { user }),
      ...(description === undefined ? {} : { description }),
      ...(expiresInMs === undefined ? {} : { expiresInSeconds: Math.round(expiresInMs / 1_000) }),
    },
  });
  session.terminal.line(flags.text('output') === 'json' ? JSON.stringify(body, null, 4) : body.token);
  session.terminal.note(`Good until ${body.expiresAt ?? 'revoked'}; revoke it with: skyctl delete token ${body.name}`);
  return EXIT.ok;
};

const head = (kind: string, name: string) => ({ apiVersion: API_VERSION, kind, metadata: { name } });

function binding(
  name: string,
  role: string,
  users: readonly string[],
  groups: readonly string[],
  namespaces: readonly string[],
): ReturnType<typeof head> {
  const subjects = [
    ...users.map((each) => ({ kind: 'User', name: each })),
    ...groups.map((each) => ({ kind: 'Group', name: each })),
  ];
  const object = { ...head('RoleBinding', name), roleRef: { kind: 'Role', name: role }, subjects };
  return { ...object, ...optional('namespaces', namespaces) };
}
