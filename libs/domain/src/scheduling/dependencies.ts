/** ConfigMaps and Secrets that a pod template refers to; they travel with the work. */
import type { StoredObject } from '@skyflow/contracts';
import { canonicalJson, hashText } from './fingerprint.js';
import { isRecord, podSpecOf, recordsIn } from './pod-spec.js';

const DEPENDENCY_KINDS = ['ConfigMap', 'Secret'] as const;
type DependencyKind = (typeof DEPENDENCY_KINDS)[number];

export const isDependencyKind = (kind: string): kind is DependencyKind =>
  (DEPENDENCY_KINDS as readonly string[]).includes(kind);

/** Names a ConfigMap or Secret, whatever its uid: `ConfigMap/<namespace>/<name>`. */
export const dependencyKey = (kind: string, namespace: string | undefined, name: string): string =>
  `${kind}/${namespace ?? ''}/${name}`;

/**
 * Keys of what the pod template of a workload refers to, sorted, each once: volumes (also projected), env, envFrom,
 * imagePullSecrets. Optional references count as well.
 */
export function dependencyKeysOf(object: StoredObject): readonly string[] {
  const pod = podSpecOf(object);
  const found = new Set<string>();
  const { namespace } = object.metadata;
  const add = (kind: DependencyKind, reference: unknown, field = 'name'): void => {
    const name = isRecord(reference) ? reference[field] : undefined;
    if (typeof name === 'string' && name !== '') found.add(dependencyKey(kind, namespace, name));
  };
  for (const volume of recordsIn(pod.volumes)) {
    add('ConfigMap', volume.configMap);
    add('Secret', volume.secret, 'secretName');
    const { projected } = volume;
    for (const source of recordsIn(isRecord(projected) ? projected.sources : undefined)) {
      add('ConfigMap', source.configMap);
      add('Secret', source.secret);
    }
  }
  for (const container of [...pod.containers, ...(pod.initContainers ?? [])]) {
    for (const source of recordsIn(container.envFrom)) {
      add('ConfigMap', source.configMapRef);
      add('Secret', source.secretRef);
    }
    for (const { valueFrom } of recordsIn(container.env)) {
      if (!isRecord(valueFrom)) continue;
      add('ConfigMap', valueFrom.configMapKeyRef);
      add('Secret', valueFrom.secretKeyRef);
    }
  }
  for (const secret of recordsIn(pod.imagePullSecrets)) add('Secret', secret);
  return found.size === 0 ? NONE : [...found].sort();
}

/** Tells whether what was sent with work is still what is stored. '' for nothing. */
export const fingerprintOf = (dependencies: readonly StoredObject[]): string =>
  dependencies.length === 0 ? '' : hashText(canonicalJson(dependencies));

const NONE: readonly string[] = Object.freeze([]);
