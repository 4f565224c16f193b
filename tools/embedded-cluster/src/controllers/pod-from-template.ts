/** A pod made from a template by its managing controller (pkg/controller GetPodFromTemplate). */
import type { KubeObject } from '@skyflow/contracts';
import { controllerReference } from '../model/object-facts.js';
import type { Pod } from '../model/pod.js';
import type { PodTemplate } from '../model/workloads.js';

/** Longest prefix that leaves room for the five random characters of generateName. */
const LONGEST_PREFIX = 58;

export function podFromTemplate(
  owner: KubeObject,
  template: PodTemplate,
  extra: { labels?: Record<string, string>; annotations?: Record<string, string>; prefix?: string } = {},
): Pod {
  const prefix = `${(extra.prefix ?? owner.metadata.name).slice(0, LONGEST_PREFIX - 1)}-`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      // The API server makes the name.
      name: '',
      generateName: prefix,
      ...(owner.metadata.namespace === undefined ? {} : { namespace: owner.metadata.namespace }),
      labels: { ...template.metadata?.labels, ...extra.labels },
      annotations: { ...template.metadata?.annotations, ...extra.annotations },
      ...(template.metadata?.finalizers === undefined ? {} : { finalizers: [...template.metadata.finalizers] }),
      ownerReferences: [controllerReference(owner)],
    },
    spec: structuredClone(template.spec),
  };
}
