/**
 * The pod spec inside a stored workload, read leniently: gateways validate what they store, but a fold must not throw on a log that
 * another version wrote. What is not of the expected form counts as absent.
 */
import type { StoredObject } from '@skyflow/contracts';
import type { PodResources } from '../resources/pod-requests.js';

/** The pod spec of a workload object; one without containers where the object has none. */
export function podSpecOf(object: StoredObject): PodResources {
  const template = isRecord(object.spec) ? object.spec.template : undefined;
  const spec = isRecord(template) && isRecord(template.spec) ? template.spec : {};
  const initContainers = recordsIn(spec.initContainers);
  const { initContainers: _asStored, ...others } = spec;
  return { ...others, containers: recordsIn(spec.containers), ...(initContainers.length > 0 && { initContainers }) };
}

/** The members of a list that are objects; none if it is no list. */
export const recordsIn = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter(isRecord) : [];

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
