/**
 * What a v1 ResourceQuota may limit, by Kubernetes' names: `pods`, `requests.cpu`, `limits.memory`, `requests.nvidia.com/gpu`,
 * `count/deployments.apps`, `services.loadbalancers`, … Limits on what there is none of in SkyFlow (volume claims) are kept and count 0.
 */
import { formatBytes, formatCpu } from '../../resources/format.js';
import { InvalidQuantityError, quantityProblem } from '../../resources/quantity.js';
import { parseAmount } from '../../resources/resource-list.js';

/** What one name of a quota counts. */
export type Measure =
  | { readonly of: 'pods' }
  /** `resource` in the requests (or limits) of the pods of all workloads that have not ended. */
  | { readonly of: 'requests' | 'limits'; readonly resource: string }
  /** Objects of a kind of the log. */
  | { readonly of: 'objects'; readonly kind: string; readonly only?: 'LoadBalancer' | 'NodePort' }
  | { readonly of: 'nothing' };

/** Pod resources that Kubernetes lets a quota name without a prefix. */
const BARE = ['cpu', 'memory', 'ephemeral-storage'];
/** Of those, a pod must say what it needs where a quota limits them. */
const MUST_BE_SAID = ['cpu', 'memory'];

/** Object counts under both of Kubernetes' spellings, and those of SkyFlow's own faces. */
const OBJECTS: Readonly<Record<string, Measure>> = {
  pods: { of: 'pods' },
  'count/pods': { of: 'pods' },
  services: { of: 'objects', kind: 'Service' },
  'count/services': { of: 'objects', kind: 'Service' },
  'count/services.skyflow.io': { of: 'objects', kind: 'Service' },
  'services.loadbalancers': { of: 'objects', kind: 'Service', only: 'LoadBalancer' },
  'services.nodeports': { of: 'objects', kind: 'Service', only: 'NodePort' },
  configmaps: { of: 'objects', kind: 'ConfigMap' },
  'count/configmaps': { of: 'objects', kind: 'ConfigMap' },
  secrets: { of: 'objects', kind: 'Secret' },
  'count/secrets': { of: 'objects', kind: 'Secret' },
  resourcequotas: { of: 'objects', kind: 'ResourceQuota' },
  'count/resourcequotas': { of: 'objects', kind: 'ResourceQuota' },
  'count/deployments.apps': { of: 'objects', kind: 'Deployment' },
  'count/deployments.skyflow.io': { of: 'objects', kind: 'Deployment' },
  'count/jobs.batch': { of: 'objects', kind: 'Job' },
  'count/jobs.skyflow.io': { of: 'objects', kind: 'Job' },
  'count/placementpolicies.skyflow.io': { of: 'objects', kind: 'PlacementPolicy' },
  replicationcontrollers: { of: 'nothing' },
  persistentvolumeclaims: { of: 'nothing' },
  'requests.storage': { of: 'nothing' },
};

/** Undefined: no quota may have this name. */
export function measureOf(name: string): Measure | undefined {
  const known = Object.hasOwn(OBJECTS, name) ? OBJECTS[name] : undefined;
  if (known !== undefined) return known;
  if (BARE.includes(name)) return { of: 'requests', resource: name };
  const [, of, resource = ''] = /^(requests|limits)\.(.+)$/.exec(name) ?? [];
  if (of === 'limits') return BARE.includes(resource) ? { of, resource } : undefined;
  if (of === 'requests' && (BARE.includes(resource) || resource.includes('/') || resource.startsWith('hugepages-'))) {
    return { of, resource };
  }
  if (/^count\/[a-z0-9]+(\.[a-z0-9.-]+)?$/.test(name) || name.includes('.storageclass.storage.k8s.io/')) {
    return { of: 'nothing' };
  }
  return undefined;
}

/** Whether pods without this amount cannot be counted, and are refused. */
export const mustBeSaid = (measure: Measure): measure is Extract<Measure, { resource: string }> =>
  (measure.of === 'requests' || measure.of === 'limits') && MUST_BE_SAID.includes(measure.resource);

/** What is wrong with an entry of `spec.hard`, or undefined. */
export function quotaProblem(name: string, amount: unknown): string | undefined {
  if (measureOf(name) !== undefined) return quantityProblem(amount);
  return (
    'must be a standard resource for quota, such as pods, requests.cpu, limits.memory, requests.nvidia.com/gpu, services, ' +
    'configmaps or count/deployments.apps'
  );
}

/** In base units: millicores, bytes, pieces. What is no quantity limits nothing; it cannot be written. */
export function limitOf(name: string, amount: string | number): number {
  try {
    return parseAmount(unitOf(name), amount);
  } catch (error) {
    if (error instanceof InvalidQuantityError) return Infinity;
    throw error;
  }
}

/** As Kubernetes writes it: `1500m`, `2Gi`, `3`. */
export function amountText(name: string, amount: number): string {
  const unit = unitOf(name);
  if (unit === 'cpu') return formatCpu(amount);
  return unit === 'memory' || unit === 'ephemeral-storage' || unit.startsWith('hugepages-')
    ? formatBytes(amount)
    : String(amount);
}

function unitOf(name: string): string {
  const measure = measureOf(name);
  return measure !== undefined && 'resource' in measure ? measure.resource : 'pieces';
}
