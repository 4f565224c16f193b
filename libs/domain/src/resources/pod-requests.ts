/**
 * What one pod asks for, as kube-scheduler counts it (k8s.io/component-helpers/resource PodRequests):
 * the larger of all containers together and of the hungriest moment of initialisation, sidecars (KEP-753) counted in both,
 * pod-level resources (KEP-2837) instead of the sum where given, plus overhead (KEP-688), plus one pod.
 */
import type { ResourceList } from '@skyflow/contracts';
import { type QuantityMap, addResources, maxResources, parseResourceList } from './resource-list.js';

/** The part of a core/v1 PodSpec that requests come from. */
export interface PodResources {
  containers: readonly ContainerResources[];
  initContainers?: readonly ContainerResources[] | undefined;
  [field: string]: unknown;
}

export interface ContainerResources {
  resources?: { requests?: QuantityMap | undefined; limits?: QuantityMap | undefined } | undefined;
  [field: string]: unknown;
}

/** Resources that may be given for a whole pod. */
const isPodLevelResource = (resource: string): boolean =>
  resource === 'cpu' || resource === 'memory' || resource.startsWith('hugepages-');

/**
 * Requests of one pod in base units; resources with amount 0 are left out, `pods` is 1.
 * @throws InvalidQuantityError
 */
export function podRequests(pod: PodResources): ResourceList {
  let running: ResourceList | undefined;
  for (const container of pod.containers) {
    const requests = containerRequests(container);
    running = running === undefined ? requests : addResources(running, requests);
  }
  running ??= {};

  let sidecars: ResourceList = {};
  let starting: ResourceList = {};
  for (const container of pod.initContainers ?? []) {
    const requests = containerRequests(container);
    if (container.restartPolicy === 'Always') {
      running = addResources(running, requests);
      sidecars = addResources(sidecars, requests);
      starting = maxResources(starting, sidecars);
    } else {
      starting = maxResources(starting, addResources(requests, sidecars));
    }
  }

  let total = pod.initContainers === undefined ? running : maxResources(running, starting);
  if (pod.resources !== undefined) {
    total = { ...total, ...podLevelRequests(pod.resources as ContainerResources['resources'], total) };
  }
  if (pod.overhead !== undefined) total = addResources(total, parseResourceList(pod.overhead as QuantityMap));
  return { ...withoutZeros(total), pods: 1 };
}

/**
 * Limits of one pod in base units, counted in the same way (PodLimits); what has no limit adds nothing.
 * @throws InvalidQuantityError
 */
export function podLimits(pod: PodResources): ResourceList {
  const limited = (containers: readonly ContainerResources[]): ContainerResources[] =>
    containers.map((each) => ({ ...each, resources: { requests: each.resources?.limits } }));
  const { initContainers, resources, overhead: _overhead, ...rest } = pod;
  const whole = (resources as ContainerResources['resources'])?.limits;
  const { pods: _pods, ...limits } = podRequests({
    ...rest,
    containers: limited(pod.containers),
    ...(initContainers === undefined ? {} : { initContainers: limited(initContainers) }),
    ...(whole === undefined ? {} : { resources: { requests: whole } }),
  });
  return limits;
}

/** Requests of a container; a limit stands in where no request is given (API defaulting). */
function containerRequests(container: ContainerResources): ResourceList {
  return parseResourceList({ ...container.resources?.limits, ...container.resources?.requests });
}

/** Pod-level requests; a pod-level limit stands in only where no container asks for the resource (API defaulting). */
function podLevelRequests(resources: ContainerResources['resources'], summed: ResourceList): ResourceList {
  const result: ResourceList = {};
  const requests = parseResourceList(resources?.requests);
  for (const [resource, limit] of Object.entries(parseResourceList(resources?.limits))) {
    if (isPodLevelResource(resource) && summed[resource] === undefined) result[resource] = limit;
  }
  for (const [resource, amount] of Object.entries(requests)) {
    if (isPodLevelResource(resource)) result[resource] = amount;
  }
  return result;
}

function withoutZeros(list: ResourceList): ResourceList {
  const result: ResourceList = {};
  for (const [resource, amount] of Object.entries(list)) if (amount !== 0) result[resource] = amount;
  return result;
}
