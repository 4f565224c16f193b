/** What is wrong with a Role, a RoleBinding or a User, by field. Kinds and verbs are given by their one name. */
import type { RoleRule, RoleSubject, UserSpec } from '@skyflow/contracts';
import { ACCESS_VERBS, ANY } from './access-rule.js';
import { SYSTEM_PREFIX } from './identity.js';

export interface FieldProblem {
  readonly field: string;
  readonly value: unknown;
  /** What must hold, and how. */
  readonly rule: string;
}

const USER_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._@-]{0,61}[A-Za-z0-9])?$/;
const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,190}$/;
/** Roles are looked at on every request. */
const MOST_RULES = 500;
const MOST_SUBJECTS = 1_000;

/** Undefined: a person or machine may be called so. */
export function userNameRule(name: string): string | undefined {
  if (USER_NAME.test(name)) return undefined;
  return 'must be 1 to 63 letters, digits, ".", "_", "@" or "-", beginning and ending with a letter or digit';
}

/** @param kinds every kind that rules may name. */
export function roleProblems(rules: readonly RoleRule[], kinds: readonly string[]): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (rules.length > MOST_RULES) {
    problems.push({
      field: 'rules',
      value: rules.length,
      rule: `must have at most ${MOST_RULES} items; use several roles`,
    });
  }
  for (const [index, rule] of rules.slice(0, MOST_RULES).entries()) {
    const at = `rules[${index}]`;
    problems.push(...oneOf(`${at}.verbs`, rule.verbs, ACCESS_VERBS), ...oneOf(`${at}.kinds`, rule.kinds, kinds));
    for (const field of ['namespaces', 'names', 'clusters'] as const) {
      problems.push(...filled(`${at}.${field}`, rule[field], 'leave it out to allow all'));
    }
  }
  return problems;
}

export function bindingProblems(binding: {
  roleRef?: { kind?: string; name?: string };
  subjects?: readonly Partial<RoleSubject>[];
  namespaces?: readonly string[];
}): FieldProblem[] {
  const { roleRef, subjects = [], namespaces } = binding;
  const problems = filled('namespaces', namespaces, 'leave it out for all that the role allows');
  if ((roleRef?.name ?? '') === '') {
    problems.push({ field: 'roleRef.name', value: roleRef?.name, rule: 'must be the name of a Role' });
  }
  if (subjects.length > MOST_SUBJECTS) {
    const rule = `must have at most ${MOST_SUBJECTS} items; use a Group`;
    problems.push({ field: 'subjects', value: subjects.length, rule });
  }
  for (const [index, { kind, name = '' }] of subjects.entries()) {
    const at = `subjects[${index}]`;
    if (kind !== 'User' && kind !== 'Group') {
      problems.push({ field: `${at}.kind`, value: kind, rule: 'must be "User" or "Group"' });
    }
    if (name === '') problems.push({ field: `${at}.name`, value: name, rule: `must be the name of a user or group` });
  }
  return problems;
}

export function userProblems(name: string, spec: UserSpec): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const wrongName = userNameRule(name);
  if (wrongName !== undefined) problems.push({ field: 'metadata.name', value: name, rule: wrongName });
  if (spec.email !== undefined && !EMAIL.test(spec.email)) {
    problems.push({
      field: 'spec.email',
      value: spec.email,
      rule: 'must be an e-mail address, such as jo@example.org',
    });
  }
  for (const [index, group] of (spec.groups ?? []).entries()) {
    const field = `spec.groups[${index}]`;
    if (group === '') problems.push({ field, value: group, rule: 'must not be empty' });
    if (group.startsWith(SYSTEM_PREFIX)) {
      problems.push({
        field,
        value: group,
        rule: `must not begin with "${SYSTEM_PREFIX}": only the system gives those`,
      });
    }
  }
  return problems;
}

function oneOf(field: string, values: readonly string[], allowed: readonly string[]): FieldProblem[] {
  if (values.length === 0) return [{ field, value: values, rule: `must name at least one; "${ANY}" for all` }];
  return values.flatMap((value, index) =>
    value === ANY || allowed.includes(value)
      ? []
      : [{ field: `${field}[${index}]`, value, rule: `must be one of: ${allowed.join(', ')}, or "${ANY}" for all` }],
  );
}

function filled(field: string, values: readonly string[] | undefined, hint: string): FieldProblem[] {
  if (values === undefined) return [];
  if (values.length === 0)
    return [{ field, value: values, rule: `must not be empty, which would allow nothing; ${hint}` }];
  return values.flatMap((value, index) =>
    value === '' ? [{ field: `${field}[${index}]`, value, rule: 'must not be empty' }] : [],
  );
}
