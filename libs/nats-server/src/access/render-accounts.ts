/** Accounts, users and what accounts share, as nats-server's configuration has them. Which there are is decided in libs/domain (nats-access). */
import { LOG_ACCOUNT, type NatsAccount, type NatsShare, type NatsUser, SYSTEM_ACCOUNT } from '@skyflow/domain';

const text = JSON.stringify;

/** Lines of the file. Nobody is let in without one of the keys. */
export const renderAccounts = (accounts: readonly NatsAccount[]): string[] => [
  'accounts {',
  ...accounts.flatMap(renderAccount),
  '}',
  `system_account: ${text(SYSTEM_ACCOUNT)}`,
];

const renderAccount = ({ name, jetStream, users, exports, imports }: NatsAccount): string[] => [
  `  ${text(name)} {`,
  ...(jetStream ? ['    jetstream: enabled'] : []),
  ...list('users', users.map(renderUser)),
  ...list('exports', exports.map(renderExport)),
  ...list('imports', imports.map(renderImport)),
  '  }',
];

const list = (name: string, items: readonly string[]): string[] =>
  items.length === 0 ? [] : [`    ${name}: [`, ...items.map((item) => `      ${item},`), '    ]'];

function renderUser({ nkey, permissions }: NatsUser): string {
  if (permissions === undefined) return `{ nkey: ${nkey} }`;
  const { publish, subscribe, answersWithinMs } = permissions;
  const answers = answersWithinMs === undefined ? '' : `, allow_responses: { max: 1, expires: "${answersWithinMs}ms" }`;
  const allow = (subjects: readonly string[]): string => `{ allow: ${text(subjects)} }`;
  return `{ nkey: ${nkey}, permissions: { publish: ${allow(publish)}, subscribe: ${allow(subscribe)}${answers} } }`;
}

const renderExport = ({ type, subject, streamed }: NatsShare): string =>
  `{ ${type}: ${text(subject)}${streamed === true ? ', response_type: stream' : ''} }`;

const renderImport = ({ type, subject }: NatsShare): string =>
  `{ ${type}: { account: ${text(LOG_ACCOUNT)}, subject: ${text(subject)} } }`;
