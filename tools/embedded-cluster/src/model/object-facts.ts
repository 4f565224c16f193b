/** Questions about any object that several controllers ask. All pure. */
import type { KubeObject } from '@skyflow/contracts';
import type { NativeCondition } from './condition.js';

/** RFC 3339 in whole seconds, as Kubernetes writes metav1.Time. */
export const timestamp = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');

export const millis = (time: string | undefined): number => (time === undefined ? 0 : Date.parse(time));

export const uidOf = (object: KubeObject): string => object.metadata.uid ?? '';

export const isDeleting = (object: KubeObject): boolean => object.metadata.deletionTimestamp !== undefined;

export function controllerOf(
  object: KubeObject,
): NonNullable<KubeObject['metadata']['ownerReferences']>[number] | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true);
}

/** Reference that makes `owner` the managing controller of what carries it. */
export function controllerReference(owner: KubeObject): NonNullable<KubeObject['metadata']['ownerReferences']>[number] {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: uidOf(owner),
    controller: true,
    blockOwnerDeletion: true,
  };
}

/**
 * The conditions with this one set. lastTransitionTime moves only when the status flips, as in Kubernetes; nothing
 * changes at all when status, reason and message are as they were.
 */
export function withCondition(
  conditions: readonly NativeCondition[] | undefined,
  next: NativeCondition,
  now: string,
): NativeCondition[] {
  const list = [...(conditions ?? [])];
  const at = list.findIndex((condition) => condition.type === next.type);
  const old = list[at];
  if (old?.status === next.status && old.reason === next.reason && old.message === next.message) return list;
  const set = {
    ...next,
    lastTransitionTime: old?.status === next.status ? (old.lastTransitionTime ?? now) : now,
  };
  if (at === -1) list.push(set);
  else list[at] = set;
  return list;
}

export const conditionOf = (
  conditions: readonly NativeCondition[] | undefined,
  type: string,
): NativeCondition | undefined => conditions?.find((condition) => condition.type === type);

/** Structural equality of JSON values; absent and undefined are the same. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    if (!sameJson(left[key], right[key])) return false;
  }
  return true;
}
