/**
 * What decides where one replica of a workload may go: its requests, its rules for nodes, its rules for clusters. Many
 * workloads share a shape; whatever is worked out for one holds for all of them.
 */
import type { PlacementTerms, ResourceList, StoredObject } from '@skyflow/contracts';
import { InvalidQuantityError } from '../resources/quantity.js';
import { type PodResources, podRequests } from '../resources/pod-requests.js';
import { type NodeRules, admits, nodeRulesOf } from './node-rules.js';
import type { AppliedPolicy } from './placement/policies.js';
import { type PlacementRules, rulesOf } from './placement/rules.js';
import { readTerms } from './placement/terms.js';
import type { ResourceColumns } from './resource-columns.js';
import { isRecord, podSpecOf } from './pod-spec.js';
import { type NodeLayout, type NodeMask, type Request, requestOf } from './room.js';

/** A shape as plain data; the same data is the same shape. */
export interface ShapeData {
  /** Per replica, base units. */
  requests: ResourceList;
  nodeRules?: NodeRules;
  /** Only these clusters, sorted. */
  clusters?: string[];
  /** Labels that a cluster must have. */
  clusterLabels?: Record<string, string>;
  /** What else `placement` says, but for the policy. */
  inline?: PlacementTerms;
  /** The policy that it names. */
  policy?: string;
  /** What applies to it, in this order. */
  policies?: AppliedPolicy[];
  /** The requests cannot be read: why. */
  problem?: string;
}

export interface Shape extends ShapeData {
  key: string;
  request: Request;
  /** Positions in `request` that balancing looks at: all but pods. */
  scored: readonly number[];
  /** What policies and the wider grammar of `placement` say together; undefined: nothing, as of nearly all. */
  rules: PlacementRules | undefined;
  /** Workloads of this shape. */
  users: number;
}

/** The shape of a workload object, without policies. Never throws: requests that cannot be read become a `problem`. */
export function shapeDataOf(object: StoredObject): ShapeData {
  const spec = isRecord(object.spec) ? object.spec : {};
  const podSpec = podSpecOf(object);
  const nodeRules = nodeRulesOf(podSpec);
  return {
    ...readRequests(podSpec),
    ...(nodeRules !== undefined && { nodeRules }),
    ...placementDataOf(spec.placement, object.metadata.namespace ?? ''),
  };
}

/** The shape with other policies. */
export function withPolicies(data: ShapeData, applied: AppliedPolicy[]): ShapeData {
  const { policies: _before, problem, ...rest } = data;
  return {
    ...rest,
    ...(applied.length > 0 && { policies: applied }),
    ...(problem !== undefined && { problem }),
  };
}

export function shapeOf(data: ShapeData, key: string, columns: ResourceColumns): Shape {
  const request = requestOf(data.requests, columns);
  const pods = columns.byName.get('pods');
  const scored = request.columns.flatMap((column, index) => (column === pods ? [] : [index]));
  return { ...data, key, request, scored, rules: rulesOf(data.inline, data.policies), users: 0 };
}

/** What of a shape is data. */
export function dataOf({ key: _k, request: _r, scored: _s, rules: _rules, users: _u, ...data }: Shape): ShapeData {
  return data;
}

/** The same text for shapes that say the same about clusters. */
export const placementKey = ({ clusters, clusterLabels, inline, policies }: ShapeData): string =>
  JSON.stringify([clusters, clusterLabels, inline, policies]);

export const shapeKey = (data: ShapeData): string => JSON.stringify(data);

/** Which nodes of a cluster the shape may use. */
export function maskOf(shape: ShapeData, layout: NodeLayout): NodeMask {
  if (!layout.tainted && shape.nodeRules?.nodeSelector === undefined && shape.nodeRules?.terms === undefined) {
    return undefined;
  }
  return Uint8Array.from(layout.nodes, (node) => (admits(shape.nodeRules, node) ? 1 : 0));
}

/** The first names and labels are kept apart: nearly all placements say no more. */
function placementDataOf(placement: unknown, namespace: string): Partial<ShapeData> {
  if (!isRecord(placement)) return {};
  const {
    clusters,
    clusterSelector,
    failover: _failover,
    failback: _failback,
    rebalance: _rebalance,
    rollout: _rollout,
    ...terms
  } = readTerms(placement, namespace);
  const { matchLabels, ...requirements } = clusterSelector ?? {};
  const inline: PlacementTerms = {
    ...(Object.keys(requirements).length > 0 && { clusterSelector: requirements }),
    ...terms,
  };
  const { policy } = placement;
  return {
    ...(clusters !== undefined && { clusters }),
    ...(matchLabels !== undefined && { clusterLabels: matchLabels }),
    ...(Object.keys(inline).length > 0 && { inline }),
    ...(typeof policy === 'string' && policy !== '' && { policy }),
  };
}

function readRequests(podSpec: PodResources): Pick<ShapeData, 'requests' | 'problem'> {
  try {
    return { requests: sortedByKey(podRequests(podSpec)) };
  } catch (error) {
    if (error instanceof InvalidQuantityError) return { requests: { pods: 1 }, problem: error.message };
    throw error;
  }
}

function sortedByKey<T>(record: Record<string, T>): Record<string, T> {
  const result: Record<string, T> = {};
  for (const key of Object.keys(record).sort()) result[key] = record[key] as T;
  return result;
}
