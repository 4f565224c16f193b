/** ConfigMaps, Secrets and priority classes that a pod template refers to; they travel with the work. */
import { SYSTEM_PRIORITIES, type StoredObject } from '@skyflow/contracts';
import { canonicalJson, hashText } from './fingerprint.js';
import { podReferences } from '../resources/pod-references.js';
import { podSpecOf } from './pod-spec.js';

const DEPENDENCY_KINDS = ['ConfigMap', 'Secret', 'PriorityClass'] as const;
type DependencyKind = (typeof DEPENDENCY_KINDS)[number];

export const isDependencyKind = (kind: string): kind is DependencyKind =>
  (DEPENDENCY_KINDS as readonly string[]).includes(kind);

/** Names one, whatever its uid: `ConfigMap/<namespace>/<name>`, `PriorityClass//<name>`. */
export const dependencyKey = (kind: string, namespace: string | undefined, name: string): string =>
  kind === 'PriorityClass' ? `${kind}//${name}` : `${kind}/${namespace ?? ''}/${name}`;

/** One for all workloads that refer to nothing. */
export const NO_DEPENDENCIES: readonly string[] = Object.freeze([]);

/** Keys of what the pod template of a workload refers to, sorted, each once. Optional references count as well; Kubernetes' own classes are everywhere. */
export function dependencyKeysOf(object: StoredObject): readonly string[] {
  const found = new Set<string>();
  for (const { kind, name } of podReferences({ ...podSpecOf(object) })) {
    if (kind === 'PriorityClass' && SYSTEM_PRIORITIES[name] !== undefined) continue;
    if (isDependencyKind(kind)) found.add(dependencyKey(kind, object.metadata.namespace, name));
  }
  return found.size === 0 ? NO_DEPENDENCIES : [...found].sort();
}

/** Tells whether what was sent with work is still what is stored. '' for nothing. */
export const fingerprintOf = (dependencies: readonly StoredObject[]): string =>
  dependencies.length === 0 ? '' : hashText(canonicalJson(dependencies));
