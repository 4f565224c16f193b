/** The pod spec inside a stored workload. */
import type { StoredObject } from '@skyflow/contracts';
import type { PodResources } from '../resources/pod-requests.js';

/** The pod spec of a workload object; one without containers where the object has none (folds must not throw). */
export function podSpecOf(object: StoredObject): PodResources {
  const spec = (object.spec as { template?: { spec?: Partial<PodResources> } } | undefined)?.template?.spec;
  return { ...spec, containers: Array.isArray(spec?.containers) ? spec.containers : [] };
}
