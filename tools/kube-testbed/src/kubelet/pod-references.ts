/** The config maps and secrets that a pod names: for its volumes and for the environment of its containers. Pure. */
import type { Pod } from '@skyflow/embedded-cluster';

export interface PodReference {
  kind: 'ConfigMap' | 'Secret';
  name: string;
}

export function referencesOf({ spec }: Pod): PodReference[] {
  const found = new Map<string, PodReference>();
  const add = (kind: PodReference['kind'], name: string | undefined): void => {
    if (name !== undefined && name !== '') found.set(`${kind}/${name}`, { kind, name });
  };
  for (const { configMap, secret } of spec.volumes ?? []) {
    add('ConfigMap', configMap?.name);
    add('Secret', secret?.secretName);
  }
  for (const { env = [], envFrom = [] } of [...spec.containers, ...(spec.initContainers ?? [])]) {
    for (const { configMapRef, secretRef } of envFrom) {
      add('ConfigMap', configMapRef?.name);
      add('Secret', secretRef?.name);
    }
    for (const { valueFrom } of env) {
      add('ConfigMap', valueFrom?.configMapKeyRef?.name);
      add('Secret', valueFrom?.secretKeyRef?.name);
    }
  }
  return [...found.values()];
}
