/**
 * What decides where one replica of a workload may go: its requests, its rules for nodes, its rules for clusters. Many
 * workloads share a shape; whatever is worked out for one holds for all of them.
 */
import type { ResourceList, StoredObject, WorkloadPlacement } from '@skyflow/contracts';
import { InvalidQuantityError } from '../resources/quantity.js';
import { type PodResources, podRequests } from '../resources/pod-requests.js';
import { type NodeRules, admits, nodeRulesOf } from './node-rules.js';
import type { ResourceColumns } from './resource-columns.js';
import { podSpecOf } from './pod-spec.js';
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
  /** The requests cannot be read: why. */
  problem?: string;
}

export interface Shape extends ShapeData {
  key: string;
  request: Request;
  /** Positions in `request` that balancing looks at: all but pods. */
  scored: readonly number[];
  /** Workloads of this shape. */
  users: number;
}

/** The shape of a workload object. Never throws: requests that cannot be read become a `problem`. */
export function shapeDataOf(object: StoredObject): ShapeData {
  const spec = (object.spec ?? {}) as { placement?: WorkloadPlacement | null };
  const podSpec = podSpecOf(object);
  const nodeRules = nodeRulesOf(podSpec);
  const clusters = spec.placement?.clusters ?? [];
  const clusterLabels = spec.placement?.clusterSelector?.matchLabels ?? {};
  return {
    ...readRequests(podSpec),
    ...(nodeRules !== undefined && { nodeRules }),
    ...(clusters.length > 0 && { clusters: [...new Set(clusters)].sort() }),
    ...(Object.keys(clusterLabels).length > 0 && { clusterLabels: sortedByKey(clusterLabels) }),
  };
}

export function shapeOf(data: ShapeData, key: string, columns: ResourceColumns): Shape {
  const request = requestOf(data.requests, columns);
  const pods = columns.byName.get('pods');
  const scored = request.columns.flatMap((column, index) => (column === pods ? [] : [index]));
  return { ...data, key, request, scored, users: 0 };
}

export const shapeKey = (data: ShapeData): string => JSON.stringify(data);

/** Which nodes of a cluster the shape may use. */
export function maskOf(shape: ShapeData, layout: NodeLayout): NodeMask {
  if (!layout.tainted && shape.nodeRules?.nodeSelector === undefined && shape.nodeRules?.terms === undefined) {
    return undefined;
  }
  return Uint8Array.from(layout.nodes, (node) => (admits(shape.nodeRules, node) ? 1 : 0));
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
