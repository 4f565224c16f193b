/**
 * The pod spec inside a stored workload, read leniently: gateways validate what they store, but a fold must not throw on a log that
 * another version wrote. What is not of the expected form counts as absent.
 */
import type { StoredObject } from '@skyflow/contracts';
import { isRecord, recordsIn } from '../resources/pod-fields.js';
import type { PodResources } from '../resources/pod-requests.js';

export { isRecord, recordsIn } from '../resources/pod-fields.js';

/** The pod spec of a workload object; one without containers where the object has none. */
export function podSpecOf(object: StoredObject): PodResources {
  const template = isRecord(object.spec) ? object.spec.template : undefined;
  const spec = isRecord(template) && isRecord(template.spec) ? template.spec : {};
  const initContainers = recordsIn(spec.initContainers);
  const { initContainers: _asStored, ...others } = spec;
  return { ...others, containers: recordsIn(spec.containers), ...(initContainers.length > 0 && { initContainers }) };
}
