/** The objects that a pod spec refers to by name: what must be there for its pods to be made and to start. */
import { isRecord, recordsIn } from './pod-fields.js';

export const referenceKinds = [
  'ConfigMap',
  'Secret',
  'ServiceAccount',
  'PersistentVolumeClaim',
  'PriorityClass',
  'RuntimeClass',
] as const;
export type ReferenceKind = (typeof referenceKinds)[number];

export interface PodReference {
  kind: ReferenceKind;
  name: string;
  /** Pods do without it. */
  optional: boolean;
}

/** Volume sources that name a Secret, and the field that does. */
const SECRET_VOLUMES: readonly (readonly [source: string, field: string])[] = [
  ['csi', 'nodePublishSecretRef'],
  ['flexVolume', 'secretRef'],
  ['cephfs', 'secretRef'],
  ['rbd', 'secretRef'],
  ['iscsi', 'secretRef'],
  ['scaleIO', 'secretRef'],
  ['storageos', 'secretRef'],
];

/** All references of a pod spec, in no particular order, perhaps some more than once. What is not of the expected form is skipped. */
export function podReferences(pod: Readonly<Record<string, unknown>>): PodReference[] {
  const found: PodReference[] = [];
  const add = (kind: ReferenceKind, name: unknown, optional = false): void => {
    if (typeof name === 'string' && name !== '') found.push({ kind, name, optional });
  };
  const addFrom = (kind: ReferenceKind, reference: unknown, field = 'name'): void => {
    if (isRecord(reference)) add(kind, reference[field], reference.optional === true);
  };
  for (const volume of recordsIn(pod.volumes)) addVolume(volume, addFrom);
  for (const container of [...recordsIn(pod.containers), ...recordsIn(pod.initContainers)]) {
    for (const source of recordsIn(container.envFrom)) {
      addFrom('ConfigMap', source.configMapRef);
      addFrom('Secret', source.secretRef);
    }
    for (const { valueFrom } of recordsIn(container.env)) {
      if (!isRecord(valueFrom)) continue;
      addFrom('ConfigMap', valueFrom.configMapKeyRef);
      addFrom('Secret', valueFrom.secretKeyRef);
    }
  }
  for (const secret of recordsIn(pod.imagePullSecrets)) addFrom('Secret', secret);
  add('ServiceAccount', pod.serviceAccountName ?? pod.serviceAccount);
  add('PriorityClass', pod.priorityClassName);
  add('RuntimeClass', pod.runtimeClassName);
  return found;
}

function addVolume(
  volume: Record<string, unknown>,
  addFrom: (kind: ReferenceKind, reference: unknown, field?: string) => void,
): void {
  addFrom('ConfigMap', volume.configMap);
  addFrom('Secret', volume.secret, 'secretName');
  addFrom('Secret', volume.azureFile, 'secretName');
  addFrom('PersistentVolumeClaim', volume.persistentVolumeClaim, 'claimName');
  for (const [source, field] of SECRET_VOLUMES) {
    const of = volume[source];
    if (isRecord(of)) addFrom('Secret', of[field]);
  }
  const { projected } = volume;
  for (const source of recordsIn(isRecord(projected) ? projected.sources : undefined)) {
    addFrom('ConfigMap', source.configMap);
    addFrom('Secret', source.secret);
  }
}
