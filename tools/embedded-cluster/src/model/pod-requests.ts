/** Requests of a pod, computed once: its spec is frozen and shared by all of its versions. */
import type { ResourceList } from '@skyflow/contracts';
import { podRequests } from '@skyflow/domain';
import type { Pod, PodSpec } from './pod.js';

const known = new WeakMap<PodSpec, ResourceList>();

export function requestsOf({ spec }: Pod): ResourceList {
  let requests = known.get(spec);
  if (requests === undefined) {
    requests = podRequests(spec);
    if (Object.isFrozen(spec)) known.set(spec, requests);
  }
  return requests;
}
