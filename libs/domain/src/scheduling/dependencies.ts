/** ConfigMaps and Secrets that a pod template refers to; they travel with the work. */
import type { StoredObject } from '@skyflow/contracts';
import { canonicalJson, hashText } from './fingerprint.js';
import { podSpecOf } from './pod-spec.js';

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
  // The lists below are read leniently: anything else than a list counts as none.
  const pod = podSpecOf(object) as unknown as LoosePodSpec;
  const found = new Set<string>();
  const { namespace } = object.metadata;
  const add = (kind: DependencyKind, name: string | undefined): void => {
    if (name !== undefined && name !== '') found.add(dependencyKey(kind, namespace, name));
  };
  for (const volume of list(pod.volumes)) {
    add('ConfigMap', volume.configMap?.name);
    add('Secret', volume.secret?.secretName);
    for (const source of list(volume.projected?.sources)) {
      add('ConfigMap', source.configMap?.name);
      add('Secret', source.secret?.name);
    }
  }
  for (const container of [...list(pod.containers), ...list(pod.initContainers)]) {
    for (const source of list(container.envFrom)) {
      add('ConfigMap', source.configMapRef?.name);
      add('Secret', source.secretRef?.name);
    }
    for (const { valueFrom } of list(container.env)) {
      add('ConfigMap', valueFrom?.configMapKeyRef?.name);
      add('Secret', valueFrom?.secretKeyRef?.name);
    }
  }
  for (const secret of list(pod.imagePullSecrets)) add('Secret', secret.name);
  return found.size === 0 ? NONE : [...found].sort();
}

/** Tells whether what was sent with work is still what is stored. '' for nothing. */
export const fingerprintOf = (dependencies: readonly StoredObject[]): string =>
  dependencies.length === 0 ? '' : hashText(canonicalJson(dependencies));

const NONE: readonly string[] = Object.freeze([]);

interface Named {
  name?: string;
}

interface LooseContainer {
  envFrom?: { configMapRef?: Named; secretRef?: Named }[];
  env?: { valueFrom?: { configMapKeyRef?: Named; secretKeyRef?: Named } }[];
}

interface LoosePodSpec {
  containers?: LooseContainer[];
  initContainers?: LooseContainer[];
  volumes?: {
    configMap?: Named;
    secret?: { secretName?: string };
    projected?: { sources?: { configMap?: Named; secret?: Named }[] };
  }[];
  imagePullSecrets?: Named[];
}

const list = <T>(items: T[] | undefined): T[] => (Array.isArray(items) ? items : []);
