/**
 * The smallest change that would let a cluster take a replica: the real filters, asked for everything that is against it and not only
 * for the first; and the node that lacks least.
 */
import { humanAmount } from '../../resources/format.js';
import { type NodeRules, type NodeTraits, admits } from '../node-rules.js';
import { clusterFilters } from '../pipeline/cluster-filters.js';
import type { Refusal } from '../pipeline/plugin.js';
import { repellingTaint, taintText } from '../placement/taints.js';
import { Reason } from '../reasons.js';
import type { RoundCluster } from '../round-table.js';
import type { Shape } from '../shape.js';
import type { ClusterRecord } from '../state.js';

/** One part of a change, as text for people. Without parts nothing has to change. */
export type Change = readonly string[];

/** Undefined: a replica fits as things are. */
export function smallestChange(shape: Shape, cluster: RoundCluster): Change | undefined {
  const parts = clusterFilters.flatMap((filter) => {
    const refusal = filter.refuse(shape, cluster);
    return refusal === undefined ? [] : wayRound(refusal, shape, cluster.record);
  });
  const all = [...new Set([...parts, ...(leastLack(shape, cluster) ?? [])])];
  return all.length === 0 ? undefined : all;
}

/** Where a rule has no other way round than itself, its message says what it asks for. */
function wayRound({ reason, message }: Refusal, shape: Shape, cluster: ClusterRecord): string[] {
  switch (reason) {
    case Reason.NOT_IN_PLACEMENT:
    case Reason.EXCLUDED:
      return [`allow ${cluster.name} in its placement`];
    case Reason.LABELS_DO_NOT_MATCH: {
      const lacking = Object.entries(shape.clusterLabels ?? {}).filter(([key, value]) => cluster.labels[key] !== value);
      if (lacking.length === 0) return [message];
      const text = lacking.map(([key, value]) => `${key}=${value}`).join(', ');
      return [`select clusters without ${text}, or label the cluster so`];
    }
    case Reason.TAINT_NOT_TOLERATED: {
      const tolerations = shape.rules?.tolerations ?? [];
      const repelling = cluster.taints.filter((taint) => repellingTaint([taint], tolerations) !== undefined);
      return repelling.map((taint) => `tolerate ${taintText(taint)} in its placement`);
    }
    case Reason.CLUSTER_NOT_READY:
      return [`${cluster.name} READY again`];
    case Reason.CLUSTER_UNSCHEDULABLE:
      return [`uncordon ${cluster.name}`];
    case Reason.CLUSTER_DELETING:
      return [`nothing helps: ${cluster.name} is being deleted`];
    default:
      return [message];
  }
}

interface Lack {
  parts: string[];
  /** Rules in the way, then the lacking share of what is asked for: fewer and smaller is nearer. */
  rules: number;
  share: number;
}

/** What the nearest node lacks; undefined: some node takes a replica as it is. */
function leastLack(shape: Shape, { room }: RoundCluster): string[] | undefined {
  const { layout, free } = room;
  if (layout.nodes.length === 0) return ['a node that is ready and schedulable'];
  let least: Lack | undefined;
  layout.nodes.forEach((node, index) => {
    const rules = rulesInTheWay(shape.nodeRules, node);
    const lack = amountsLacking(shape, (column) =>
      column < layout.stride ? (free[index * layout.stride + column] ?? 0) : 0,
    );
    const all: Lack = { parts: [...rules, ...lack.parts], rules: rules.length, share: lack.share };
    if (least === undefined || isNearer(all, least)) least = all;
  });
  return least === undefined || least.parts.length === 0 ? undefined : least.parts;
}

const isNearer = (a: Lack, b: Lack): boolean => {
  const [parts, others] = [a.parts.length, b.parts.length];
  if (parts === 0 || others === 0) return parts < others;
  if (a.rules !== b.rules) return a.rules < b.rules;
  return a.share < b.share;
};

function rulesInTheWay(rules: NodeRules | undefined, { name, labels, taints = [] }: NodeTraits): string[] {
  const tolerating: NodeRules = rules?.tolerations === undefined ? {} : { tolerations: rules.tolerations };
  const parts = taints
    .filter((taint) => !admits(tolerating, { name, labels, taints: [taint] }))
    .map(({ key, value = '', effect }) => `tolerate ${key}${value === '' ? '' : `=${value}`}:${effect} on ${name}`);
  if (admits(rules, { name, labels, taints: undefined })) return parts;
  return [...parts, `a node selector and affinity that match ${name}`];
}

function amountsLacking(shape: Shape, freeOf: (column: number) => number): { parts: string[]; share: number } {
  const parts: string[] = [];
  let share = 0;
  for (const [index, [resource, need]] of sortedRequests(shape).entries()) {
    const lacking = need - freeOf(shape.request.columns[index] ?? 0);
    if (lacking <= 0) continue;
    share += lacking / need;
    parts.push(resource === 'pods' ? 'room for one more pod on a node' : `needs ${amountText(resource, lacking)} less`);
  }
  return { parts, share };
}

/** In the order of `request`. */
const sortedRequests = ({ requests }: Shape): [string, number][] =>
  Object.entries(requests).sort(([a], [b]) => (a < b ? -1 : 1));

/** cpu in cores (`1.5 CPU`), others as elsewhere (`2Gi memory`). */
export const amountText = (resource: string, amount: number): string =>
  resource === 'cpu' ? `${Math.ceil(amount) / 1_000} CPU` : `${humanAmount(resource, amount)} ${resource}`;
