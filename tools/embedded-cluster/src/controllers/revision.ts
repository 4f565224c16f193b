/** Revisions of a deployment: the template hash, which replica set is the current one, and the history kept. */
import { createHash } from 'node:crypto';
import { millis, sameJson } from '../model/object-facts.js';
import type { Deployment, PodTemplate, ReplicaSet } from '../model/workloads.js';

export const TEMPLATE_HASH = 'pod-template-hash';
export const REVISION = 'deployment.kubernetes.io/revision';
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** Characters that make no words (apimachinery rand.SafeEncodeString). */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** Stable name part of a template; `collisions` changes it when another set took the name. */
export function templateHash(template: PodTemplate, collisions: number): string {
  const digest = createHash('sha256').update(stable(template)).update(`/${collisions}`).digest();
  return Array.from(digest.subarray(0, 10), (byte) => ALPHABET[byte % ALPHABET.length] ?? 'b').join('');
}

/** JSON with keys in order, so that equal templates give equal text. */
const stable = (value: unknown): string =>
  JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );

/** The set whose template is the deployment's, its hash label aside; the oldest if several. */
export function findNewSet(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  return byAge(sets).find((set) => sameJson(withoutHash(set.spec.template), withoutHash(deployment.spec.template)));
}

export const byAge = (sets: readonly ReplicaSet[]): ReplicaSet[] =>
  [...sets].sort(
    (a, b) =>
      millis(a.metadata.creationTimestamp) - millis(b.metadata.creationTimestamp) ||
      (a.metadata.name < b.metadata.name ? -1 : 1),
  );

function withoutHash(template: PodTemplate): PodTemplate {
  const { [TEMPLATE_HASH]: _hash, ...labels } = template.metadata?.labels ?? {};
  const { creationTimestamp: _created, ...metadata } = template.metadata ?? {};
  return { ...template, metadata: { ...metadata, labels } };
}

export const revisionOf = (set: ReplicaSet | Deployment): number => Number(set.metadata.annotations?.[REVISION] ?? 0);

/** Annotations that a replica set copies from its deployment (`kubernetes.io/change-cause` among them). */
export function inheritedAnnotations(deployment: Deployment): Record<string, string> {
  const skipped = new Set([REVISION, DESIRED_REPLICAS, MAX_REPLICAS, LAST_APPLIED]);
  return Object.fromEntries(Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !skipped.has(key)));
}

/** Old sets beyond the history limit that hold nothing, oldest revision first. */
export function surplusHistory(deployment: Deployment, oldSets: readonly ReplicaSet[]): ReplicaSet[] {
  const limit = deployment.spec.revisionHistoryLimit ?? 10;
  const candidates = oldSets
    .filter(
      (set) =>
        set.spec.replicas === 0 && (set.status?.replicas ?? 0) === 0 && set.metadata.deletionTimestamp === undefined,
    )
    .sort((a, b) => revisionOf(a) - revisionOf(b));
  return candidates.slice(0, Math.max(0, oldSets.length - limit));
}
