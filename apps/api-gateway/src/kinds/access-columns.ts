/** Columns of the tables of users, tokens, roles and bindings. */
import type { KubeObject, RoleRule, RoleSubject, TableColumn, TokenSpec, UserSpec } from '@skyflow/contracts';
import { ageColumn, nameColumn } from './columns.js';

const column = (
  name: string,
  description: string,
  value: (object: KubeObject) => string,
  priority: 0 | 1 = 0,
): TableColumn => ({ name, type: 'string', description, priority, value });

const none = (value: string | undefined): string => (value === undefined || value === '' ? '<none>' : value);
const userOf = (object: KubeObject): UserSpec => object.spec ?? {};
const tokenOf = (object: KubeObject): Partial<TokenSpec> => object.spec ?? {};
const rulesOf = ({ rules }: KubeObject): readonly RoleRule[] => (rules as RoleRule[] | undefined) ?? [];
const subjectsOf = ({ subjects }: KubeObject): readonly RoleSubject[] => (subjects as RoleSubject[] | undefined) ?? [];
/** Words in a cell of a table; the rest is in the object. */
const SHOWN = 6;

function joined(lists: readonly (readonly string[])[]): string {
  const words = [...new Set(lists.flat())];
  const more = words.length - SHOWN;
  return more > 0 ? `${words.slice(0, SHOWN).join(',')} + ${String(more)} more` : words.join(',');
}

export const userColumns: readonly TableColumn[] = [
  nameColumn,
  column('Email', 'Where the person is reached.', (object) => none(userOf(object).email)),
  column('Type', 'Person or Service.', (object) => userOf(object).type ?? 'Person'),
  column('Status', 'Active or Disabled.', (object) => (userOf(object).disabled === true ? 'Disabled' : 'Active')),
  ageColumn,
  column('Groups', 'Groups that it is in.', (object) => none((userOf(object).groups ?? []).join(',')), 1),
];

export const tokenColumns: readonly TableColumn[] = [
  nameColumn,
  column('Type', 'What it is for.', (object) => tokenOf(object).type ?? ''),
  column('User', 'Whose it is, or who made it.', (object) => tokenOf(object).user ?? ''),
  column('Expires', 'When it stops being good.', (object) => tokenOf(object).expiresAt ?? '<never>'),
  ageColumn,
  column('Description', 'What it is for.', (object) => none(tokenOf(object).description), 1),
];

export const roleColumns: readonly TableColumn[] = [
  nameColumn,
  column('Verbs', 'What may be done.', (object) => none(joined(rulesOf(object).map(({ verbs }) => verbs)))),
  column('Kinds', 'With what.', (object) => none(joined(rulesOf(object).map(({ kinds }) => kinds)))),
  ageColumn,
];

export const bindingColumns: readonly TableColumn[] = [
  nameColumn,
  column('Role', 'What is given.', ({ roleRef }) => (roleRef as { name?: string } | undefined)?.name ?? ''),
  column('Subjects', 'To whom.', (object) =>
    none(
      subjectsOf(object)
        .map(({ kind, name }) => `${kind}/${name}`)
        .join(','),
    ),
  ),
  column('Namespaces', 'Where.', ({ namespaces }) => ((namespaces as string[] | undefined) ?? ['*']).join(',')),
  ageColumn,
];
