/** Deletes a finished Job when its ttlSecondsAfterFinished is over (pkg/controller/ttlafterfinished). */
import { conditionOf, isDeleting, millis } from '../model/object-facts.js';
import { isEnded } from './job.js';
import { type ClusterView, type Outcome, NOTHING, targetOf } from './reconcile.js';

export function reconcileTtl(view: ClusterView, namespace: string | undefined, name: string, nowMs: number): Outcome {
  const job = view.get('Job', namespace, name);
  const ttl = job?.spec.ttlSecondsAfterFinished;
  if (job === undefined || ttl === undefined || isDeleting(job) || !isEnded(job)) return NOTHING;
  const finished = ['Complete', 'Failed'].map((type) => conditionOf(job.status?.conditions, type));
  const atMs = Math.max(...finished.map((condition) => millis(condition?.lastTransitionTime))) + ttl * 1000;
  if (atMs > nowMs) return { writes: [], againAtMs: atMs };
  return { writes: [{ op: 'delete', target: targetOf(job), propagation: 'Foreground' }] };
}
