/** Schemas of the kinds of access: User, Token, Role, RoleBinding. Secrets are in none of them. */
import type { Schema } from '@skyflow/contracts';

const text = (description: string): Schema => ({ type: 'string', description });
const texts = (description: string): Schema => ({ type: 'array', description, items: { type: 'string' } });

export const userSpecSchema: Schema = {
  type: 'object',
  description: 'A person or a machine. How it proves who it is is not shown.',
  properties: {
    type: {
      type: 'string',
      enum: ['Person', 'Service'],
      default: 'Person',
      description: 'Person: has a password. Service: a machine, has tokens only.',
    },
    email: text('Where the person is reached.'),
    groups: texts('Groups that it is in; RoleBindings may name them.'),
    disabled: { type: 'boolean', description: 'Whether everything is refused to it, whatever it presents.' },
  },
};

export const tokenSpecSchema: Schema = {
  type: 'object',
  description: 'Something that lets its bearer in; made by logging in or by POST /auth/tokens. Delete it to revoke it.',
  properties: {
    type: {
      type: 'string',
      enum: ['Session', 'Service', 'Invite', 'Join', 'Agent', 'Link'],
      description:
        'Session: of a login. Service: of a machine. Invite: to register with. Join: for the agent of a cluster, to enrol with once. Agent: of one that did. Link: signs a browser in, once.',
    },
    source: {
      type: 'string',
      enum: ['Settings'],
      description: 'Settings: its user is of the tokens in the gateway’s settings. Absent: a User.',
    },
    user: text('Whose it is, or who made the invite, join token or link.'),
    expiresAt: text('When it stops being good; absent: never.'),
    roles: texts('Of an invite: roles that its user is given.'),
    cluster: text('Of a join token and of an agent: the cluster.'),
    clusterUid: text('uid of that Cluster.'),
    natsKeys: {
      type: 'array',
      description: 'Of an agent: public keys by which NATS lets it in.',
      items: {
        type: 'object',
        required: ['key'],
        properties: {
          key: text('Public half of an nkey.'),
          until: text('Good until then; absent: as long as the token.'),
        },
      },
    },
    description: text('What it is for.'),
  },
};

export const roleRulesSchema: Schema = {
  type: 'array',
  description: 'What the role allows. Each rule allows what fits all of its lists.',
  items: {
    type: 'object',
    required: ['verbs', 'kinds'],
    properties: {
      verbs: texts(
        'get, list, watch, create, update, patch, delete, logs, exec, impersonate (User, Group), bind and escalate (Role); * for all.',
      ),
      kinds: texts('Kinds, such as Job; * for all.'),
      namespaces: texts('Only in these; absent: in all, and what is in none.'),
      names: texts('Only objects of these names.'),
      clusters: texts('Only what is of these clusters: Clusters, Nodes, Pods.'),
    },
  },
};

export const roleRefSchema: Schema = {
  type: 'object',
  description: 'The role that is given. Cannot be changed.',
  required: ['name'],
  properties: {
    apiGroup: text('skyflow.io'),
    kind: { type: 'string', enum: ['Role'], default: 'Role', description: 'Role.' },
    name: text('Name of the role.'),
  },
};

export const subjectsSchema: Schema = {
  type: 'array',
  description: 'To whom it is given.',
  items: {
    type: 'object',
    required: ['kind', 'name'],
    properties: {
      apiGroup: text('skyflow.io'),
      kind: { type: 'string', enum: ['User', 'Group'], description: 'User or Group.' },
      name: text('Its name.'),
    },
  },
};

export const bindingNamespacesSchema = texts('Only in these namespaces; absent: wherever the role’s rules say.');
