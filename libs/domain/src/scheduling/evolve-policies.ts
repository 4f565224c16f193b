/** PlacementPolicies, folded: workloads that one has a say about get the shape that holds now, and are decided again. */
import type { ObjectRef, Position, StoredObject } from '@skyflow/contracts';
import { internShape } from './intern-shape.js';
import { refresh, releaseShape } from './membership.js';
import { type PolicyRecord, appliedPolicies, governs, policyOf } from './placement/policies.js';
import { dataOf, shapeKey, withPolicies } from './shape.js';
import { type Origin, type SchedulingState, type WorkloadRecord, labelsOf } from './state.js';

export const POLICY_KIND = 'PlacementPolicy';

/** A policy is there, or is another than before. */
export function policyStored(state: SchedulingState, object: StoredObject, at: Position, origin: Origin): void {
  const namespace = object.metadata.namespace ?? '';
  const own = state.policies.get(namespace) ?? new Map<string, PolicyRecord>();
  const before = own.get(object.metadata.name);
  const after = policyOf(object);
  state.policies.set(namespace, own.set(after.name, after));
  decideAgain(state, namespace, [before, after], at, origin);
}

/** A policy is gone: workloads that name it keep what they have and get nothing new. */
export function policyDeleted(state: SchedulingState, ref: ObjectRef, at: Position, origin: Origin): void {
  const own = state.policies.get(ref.namespace ?? '');
  const before = own?.get(ref.name);
  if (own === undefined || before === undefined) return;
  own.delete(ref.name);
  if (own.size === 0) state.policies.delete(ref.namespace ?? '');
  decideAgain(state, ref.namespace ?? '', [before], at, origin);
}

/** The workloads of a namespace that one of these policies has a say about. Deleting ones are left alone. */
export function governedBy(
  state: SchedulingState,
  namespace: string,
  policies: readonly PolicyRecord[],
): WorkloadRecord[] {
  const governed: WorkloadRecord[] = [];
  for (const workload of state.workloads.values()) {
    if (workload.deleting || (workload.ref.namespace ?? '') !== namespace) continue;
    const labels = labelsOf(workload);
    if (policies.some((policy) => governs(policy, workload.shape.policy, labels))) governed.push(workload);
  }
  return governed.sort((a, b) => a.createdAt - b.createdAt);
}

function decideAgain(
  state: SchedulingState,
  namespace: string,
  policies: readonly (PolicyRecord | undefined)[],
  at: Position,
  origin: Origin,
): void {
  const asked = policies.filter((policy) => policy !== undefined);
  for (const workload of governedBy(state, namespace, asked)) {
    const { shape } = workload;
    const applied = appliedPolicies(state.policies, namespace, shape.policy, labelsOf(workload));
    const data = withPolicies(dataOf(shape), applied);
    if (shapeKey(data) === shape.key) continue;
    const next = internShape(state, data);
    releaseShape(state, workload);
    workload.shape = next;
    workload.rulesAt = at;
    workload.origin = origin;
    refresh(state, workload);
  }
}
