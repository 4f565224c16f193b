/**
 * What may be done: rules over verbs, kinds, namespaces, names and clusters, and whether one of them allows a request.
 * A dimension that a rule leaves out allows everything in it; `*` is the same, written.
 */

/** What can be asked of an object. `logs` reads what its pods write, `exec` reaches into them (exec, attach, port-forward, copy). */
export const ACCESS_VERBS = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'logs',
  'exec',
  /** Of User and Group: to act as another. */
  'impersonate',
  /** Of Role: to write rules that one does not have. */
  'escalate',
  /** Of Role: to give a role whose rules one does not have. */
  'bind',
] as const;
export type AccessVerb = (typeof ACCESS_VERBS)[number];

/** Stands for everything of its dimension. */
export const ANY = '*';

export interface AccessRule {
  readonly verbs: readonly string[];
  readonly kinds: readonly string[];
  /** Absent: in all, and what is in none. */
  readonly namespaces?: readonly string[];
  /** Absent: of any name. A rule with names allows nothing that is asked without one, such as a create. */
  readonly names?: readonly string[];
  /**
   * Absent: whatever the cluster. A rule with clusters allows only what is of one: Clusters, Nodes, Pods, Events, and the logs, pods and
   * reasons that a workload has there.
   */
  readonly clusters?: readonly string[];
}

/** One thing that somebody wants to do. */
export interface AccessRequest {
  readonly verb: string;
  readonly kind: string;
  /** Absent: it is in none, or all namespaces are meant. */
  readonly namespace?: string;
  /** Absent: it has none yet, or all are meant. */
  readonly name?: string;
  /** The one cluster that it is of. */
  readonly cluster?: string;
}

export const ruleAllows = (rule: AccessRule, request: AccessRequest): boolean =>
  has(rule.verbs, request.verb) &&
  has(rule.kinds, request.kind) &&
  admits(rule.namespaces, request.namespace) &&
  admits(rule.names, request.name) &&
  admits(rule.clusters, request.cluster);

/** Whether a rule is about this verb and kind at all. */
export const ruleConcerns = ({ verbs, kinds }: AccessRule, verb: string, kind: string): boolean =>
  has(verbs, verb) && has(kinds, kind);

/** Whether a dimension is left open. */
export const isOpen = (allowed: readonly string[] | undefined): boolean => allowed?.includes(ANY) ?? true;

const has = (allowed: readonly string[], wanted: string): boolean => allowed.includes(wanted) || allowed.includes(ANY);

const admits = (allowed: readonly string[] | undefined, wanted: string | undefined): boolean =>
  allowed === undefined || allowed.includes(ANY) || (wanted !== undefined && allowed.includes(wanted));
