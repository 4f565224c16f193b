/** Rules on users, roles and bindings; names of kinds and verbs are understood as people write them. */
import {
  equalJson,
  invalidCause,
  type KubeObject,
  type RoleRule,
  type RoleSubject,
  type StatusCause,
  type UserSpec,
} from '@skyflow/contracts';
import { type FieldProblem, bindingProblems, roleProblems, userProblems } from '@skyflow/domain';
import type { ResourceDefinition, ResourceStrategy } from '@skyflow/apimachinery';

/** Things that rules are about and that are no API kinds: groups, for impersonation; /log; /status, /metrics and previews. */
const VIRTUAL_KINDS = ['Group', 'Log', 'System', 'Usage'];
/** As Kubernetes and the seed system call some verbs. */
const VERB_SPELLINGS: Readonly<Record<string, string>> = { deletecollection: 'delete', log: 'logs' };

export const userStrategy: ResourceStrategy = {
  validate: ({ metadata, spec }) => userProblems(metadata.name, (spec as UserSpec | undefined) ?? {}).map(causeOf),
};

/** @param definitions all that are served: what a rule may name. */
export function roleStrategy(definitions: () => readonly ResourceDefinition[]): ResourceStrategy {
  const say = (object: KubeObject): void => {
    for (const rule of rulesOf(object)) {
      if (Array.isArray(rule.verbs))
        rule.verbs = unique(rule.verbs.map((verb) => VERB_SPELLINGS[verb.toLowerCase()] ?? verb.toLowerCase()));
      if (Array.isArray(rule.kinds)) rule.kinds = unique(rule.kinds.map((kind) => kindNamed(kind, definitions())));
    }
  };
  return {
    prepareForCreate: say,
    prepareForUpdate: say,
    validate: (object) => roleProblems(rulesOf(object), kindsOf(definitions())).map(causeOf),
  };
}

export const bindingStrategy: ResourceStrategy = {
  validate: (object) => bindingProblems(object as Parameters<typeof bindingProblems>[0]).map(causeOf),
  validateUpdate: (object, old): StatusCause[] =>
    equalJson(object.roleRef, old.roleRef)
      ? []
      : [invalidCause('roleRef', object.roleRef, 'field is immutable; delete the binding and create another')],
};

export const rulesOf = ({ rules }: KubeObject): RoleRule[] => (Array.isArray(rules) ? (rules as RoleRule[]) : []);
export const subjectsOf = ({ subjects }: KubeObject): RoleSubject[] =>
  Array.isArray(subjects) ? (subjects as RoleSubject[]) : [];

/** Every kind that a rule may name, sorted. */
export const kindsOf = (definitions: readonly ResourceDefinition[]): string[] =>
  unique([...definitions.map(({ kind }) => kind), ...VIRTUAL_KINDS]).sort();

/** `jobs`, `job`, `JOB` and `Job` are one kind; what is none stays as it is. */
function kindNamed(text: string, definitions: readonly ResourceDefinition[]): string {
  const wanted = text.toLowerCase();
  const found = definitions.find(
    ({ kind, plural, singular, shortNames = [] }) =>
      [kind.toLowerCase(), plural, singular].includes(wanted) || shortNames.includes(wanted),
  );
  return found?.kind ?? VIRTUAL_KINDS.find((kind) => kind.toLowerCase() === wanted) ?? text;
}

const unique = (values: readonly string[]): string[] => [...new Set(values)];
const causeOf = ({ field, value, rule }: FieldProblem): StatusCause => invalidCause(field, value, rule);
