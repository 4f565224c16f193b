/** Keeps the counts of workload terms true: called wherever shapes come and go and workloads change. */
import type { Shape } from '../shape.js';
import { type SchedulingState, type WorkloadRecord, labelsOf } from '../state.js';
import { hasWorkloadTerms } from './rules.js';
import { type PlacedWorkload, countWorkload, dropTerms, uncountWorkload, useTerms } from './workload-terms.js';

export function placedWorkload(workload: WorkloadRecord): PlacedWorkload {
  return {
    uid: workload.ref.uid,
    namespace: workload.ref.namespace ?? '',
    labels: labelsOf(workload),
    rules: workload.shape.rules,
    clusters: workload.shares.filter(({ held, replicas }) => held > 0 || replicas > 0).map(({ cluster }) => cluster),
  };
}

/** A shape is used that was not. A term that nobody had is counted over all workloads. */
export function shapeUsed(state: SchedulingState, { rules }: Shape): void {
  if (rules === undefined || !hasWorkloadTerms(rules) || !useTerms(state.workloadTerms, rules)) return;
  for (const workload of state.workloads.values()) countWorkload(state.workloadTerms, placedWorkload(workload));
}

export function shapeUnused(state: SchedulingState, { rules }: Shape): void {
  dropTerms(state.workloadTerms, rules);
}

/** Something about a workload changed. Those that wait for it to come or go are looked at again. */
export function recount(state: SchedulingState, workload: WorkloadRecord): void {
  if (state.workloadTerms.terms.size === 0) return;
  if (countWorkload(state.workloadTerms, placedWorkload(workload))) state.topologyAt = state.position;
}

/** A workload is gone: those that keep away from it, or it from them, are looked at again. */
export function forgotten(state: SchedulingState, uid: string): void {
  const { workloadTerms } = state;
  if (workloadTerms.contributions.size > 0 && uncountWorkload(workloadTerms, uid)) state.topologyAt = state.position;
}
