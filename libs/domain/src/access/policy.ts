/** Roles and the bindings that give them: from both, what an identity has. */
import { type AccessRule, isOpen } from './access-rule.js';
import { type Identity, isMaster } from './identity.js';
import { SYSTEM_ROLES } from './system-roles.js';

export interface AccessSubject {
  readonly kind: 'User' | 'Group';
  readonly name: string;
}

/** A role given to subjects, in some namespaces or in all. */
export interface AccessBinding {
  readonly name: string;
  readonly role: string;
  readonly subjects: readonly AccessSubject[];
  /** Absent: wherever the role's rules say. */
  readonly namespaces?: readonly string[];
}

export interface AccessPolicy {
  /** Rules by name of the role. */
  readonly roles: ReadonlyMap<string, readonly AccessRule[]>;
  readonly bindings: readonly AccessBinding[];
}

/** What one identity may do, and by which roles. */
export interface Rights {
  readonly rules: readonly AccessRule[];
  /** Names of the roles, sorted. */
  readonly roles: readonly string[];
}

const EVERYTHING: Rights = { rules: [{ verbs: ['*'], kinds: ['*'] }], roles: [] };

/** Order of roles and bindings does not matter. A binding to a role that is not there gives nothing. */
export function rightsOf(identity: Identity, { roles, bindings }: AccessPolicy): Rights {
  if (isMaster(identity)) return EVERYTHING;
  const rules: AccessRule[] = [];
  const names = new Set<string>();
  for (const group of identity.groups) {
    const held = SYSTEM_ROLES.get(group);
    if (held === undefined) continue;
    names.add(group);
    rules.push(...held);
  }
  for (const { role, subjects, namespaces } of bindings) {
    const given = roles.get(role);
    if (given === undefined || !subjects.some((subject) => isMeant(subject, identity))) continue;
    names.add(role);
    rules.push(...boundRules(given, namespaces));
  }
  return { rules, roles: [...names].sort() };
}

/** The rules of a role as a binding gives them: only in its namespaces. */
export const boundRules = (
  rules: readonly AccessRule[],
  namespaces: readonly string[] | undefined,
): readonly AccessRule[] => rules.flatMap((rule) => within(rule, namespaces));

function within(rule: AccessRule, namespaces: readonly string[] | undefined): AccessRule[] {
  if (isOpen(namespaces)) return [rule];
  const given = namespaces as readonly string[];
  const left = isOpen(rule.namespaces) ? given : given.filter((each) => rule.namespaces?.includes(each));
  return left.length === 0 ? [] : [{ ...rule, namespaces: left }];
}

const isMeant = ({ kind, name }: AccessSubject, identity: Identity): boolean =>
  kind === 'User' ? identity.name === name : identity.groups.includes(name);
