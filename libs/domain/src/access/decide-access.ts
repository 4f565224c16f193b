/** Whether an identity may do something, and what of a list it may see. */
import { type AccessRequest, type AccessRule, isOpen, ruleAllows, ruleConcerns } from './access-rule.js';
import type { Rights } from './policy.js';

/** One object, as far as rules are about it. */
export type AccessTarget = Pick<AccessRequest, 'namespace' | 'name' | 'cluster'>;

export type AccessDecision =
  | { readonly allowed: true }
  /** Of a list, a watch or a deletion of many: only objects for which `visible` holds. */
  | { readonly allowed: true; readonly visible: (target: AccessTarget) => boolean }
  | { readonly allowed: false; readonly reason: string };

/** A request about all objects of a kind, in one namespace or everywhere. */
export interface CollectionRequest {
  readonly verb: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly namespace?: string;
}

/** About one object, or one to be made. */
export function decideAccess(rights: Rights, request: AccessRequest): AccessDecision {
  const asked = request.kind === 'Namespace' ? inItself(request) : request;
  return rights.rules.some((rule) => ruleAllows(rule, asked))
    ? { allowed: true }
    : { allowed: false, reason: missingRight(rights, request.verb, request.kind) };
}

/**
 * About all objects of a kind: whoever may see some of them may ask, and gets those. Only one who could see none, whatever there
 * is, is refused.
 */
export function decideCollection(rights: Rights, request: CollectionRequest): AccessDecision {
  const { verb, kind, namespaced, namespace } = request;
  const rules = rights.rules.filter((rule) => ruleConcerns(rule, verb, kind) && reaches(rule, request));
  if (rules.length === 0) return { allowed: false, reason: missingRight(rights, verb, kind) };
  const whole = rules.some((rule) => isOpen(rule.names) && isOpen(rule.clusters) && coversScope(rule, namespace));
  if (whole) return { allowed: true };
  const narrowed: Rights = { roles: rights.roles, rules };
  return {
    allowed: true,
    visible: (target) =>
      decideAccess(narrowed, { verb, kind, ...(namespaced ? target : withoutNamespace(target)) }).allowed,
  };
}

/**
 * About one object with parts in several clusters: whoever may see it in some of them may ask, and gets those parts. Only one who could
 * see none, whatever there is, is refused.
 * @param alternatives what gives a part of it, too: to read the logs of the pods that a job has in a cluster
 */
export function decideParts(
  rights: Rights,
  request: AccessRequest,
  alternatives: readonly AccessRequest[] = [],
): AccessDecision {
  const whole = decideAccess(rights, request);
  if (whole.allowed) return whole;
  const asked = [request, ...alternatives];
  const { roles } = rights;
  const rules = rights.rules.filter((rule) =>
    asked.some((each) => decideAccess({ roles, rules: [inAnyCluster(rule)] }, each).allowed),
  );
  if (rules.length === 0) return whole;
  return {
    allowed: true,
    visible: ({ cluster }) =>
      cluster !== undefined && asked.some((each) => decideAccess({ roles, rules }, { ...each, cluster }).allowed),
  };
}

const inAnyCluster = ({ clusters: _clusters, ...rule }: AccessRule): AccessRule => rule;

const coversScope = ({ namespaces }: AccessRule, namespace: string | undefined): boolean =>
  isOpen(namespaces) || (namespace !== undefined && (namespaces?.includes(namespace) ?? false));

/** Whether the rule could allow any object that is asked for. */
function reaches({ namespaces }: AccessRule, { kind, namespaced, namespace }: CollectionRequest): boolean {
  if (isOpen(namespaces)) return true;
  if (kind === 'Namespace') return true;
  if (!namespaced) return false;
  return namespace === undefined || (namespaces?.includes(namespace) ?? false);
}

/** A namespace is in itself: who may see what is in it by a rule about namespaces may see it too, as in Kubernetes. */
const inItself = (request: AccessRequest): AccessRequest =>
  request.name === undefined ? request : { ...request, namespace: request.name };

const withoutNamespace = ({ namespace: _namespace, ...target }: AccessTarget): AccessTarget => target;

/** What is missing, in one sentence: the verb, the kind, and what there is. */
export function missingRight({ roles }: Rights, verb: string, kind: string): string {
  const has = roles.length === 0 ? 'no role is bound to this user' : `bound roles: ${roles.join(', ')}`;
  return `missing verb "${verb}" on kind "${kind}" (${has}); ask for a role that has it`;
}
