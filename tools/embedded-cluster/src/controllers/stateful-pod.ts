/** A StatefulSet's pod and its claims: named by ordinal, found again by name. */
import { controllerReference } from '../model/object-facts.js';
import type { Pod } from '../model/pod.js';
import type { StatefulSet } from '../model/steady-workloads.js';
import type { PersistentVolumeClaim, PodTemplate } from '../model/workloads.js';
import { REVISION_LABEL } from './controller-revision.js';
import { podFromTemplate } from './pod-from-template.js';

const podName = (set: StatefulSet, ordinal: number): string => `${set.metadata.name}-${ordinal}`;

/** -1 for a pod that is not named as one of the set. */
export function ordinalOf(set: StatefulSet, { metadata: { name } }: Pod): number {
  const prefix = `${set.metadata.name}-`;
  const text = name.startsWith(prefix) ? name.slice(prefix.length) : '';
  return /^\d+$/.test(text) ? Number(text) : -1;
}

const claimName = (set: StatefulSet, claim: string, ordinal: number): string => `${claim}-${podName(set, ordinal)}`;

/** They outlive their pod, and the set. */
export function claimsOf(set: StatefulSet, ordinal: number): PersistentVolumeClaim[] {
  return (set.spec.volumeClaimTemplates ?? []).map(({ metadata, spec }) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: claimName(set, metadata.name, ordinal),
      ...(set.metadata.namespace === undefined ? {} : { namespace: set.metadata.namespace }),
      labels: { ...metadata.labels, ...set.spec.selector.matchLabels },
    },
    spec,
  }));
}

export function statefulPod(set: StatefulSet, ordinal: number, template: PodTemplate, revision: string): Pod {
  const name = podName(set, ordinal);
  const labels = {
    'apps.kubernetes.io/pod-index': String(ordinal),
    [REVISION_LABEL]: revision,
    'statefulset.kubernetes.io/pod-name': name,
  };
  const pod = podFromTemplate(set, template, { labels });
  const volumes = (set.spec.volumeClaimTemplates ?? []).map(({ metadata }) => ({
    name: metadata.name,
    persistentVolumeClaim: { claimName: claimName(set, metadata.name, ordinal) },
  }));
  const own = (pod.spec.volumes ?? []).filter((each) => !volumes.some((volume) => volume.name === each.name));
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      name,
      generateName: `${set.metadata.name}-`,
      ownerReferences: [controllerReference(set)],
    },
    spec: {
      ...pod.spec,
      hostname: name,
      ...(set.spec.serviceName === undefined ? {} : { subdomain: set.spec.serviceName }),
      ...(volumes.length === 0 && pod.spec.volumes === undefined ? {} : { volumes: [...volumes, ...own] }),
    },
  };
}
