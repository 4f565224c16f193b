/** Rules on queues, priority classes, and on what a workload says about waiting. */
import {
  DEFAULT_QUEUE,
  equalJson,
  HIGHEST_USER_PRIORITY,
  invalidCause,
  isDnsLabel,
  isQualifiedName,
  type KubeObject,
  type QueueSpec,
  requiredCause,
  type ResourceList,
  type SchedulingTerms,
  type StatusCause,
  type WaitingPolicy,
} from '@skyflow/contracts';
import { InvalidQuantityError, type PodResources, parseAmount, podRequests, quantityProblem } from '@skyflow/domain';
import type { ResourceStrategy } from '@skyflow/apimachinery';
import { duplicate, forbiddenField } from './causes.js';

export const queueStrategy: ResourceStrategy = {
  validate: (object): StatusCause[] => queueCauses(object.metadata.name, object.spec ?? {}),
  validateUpdate: () => [],
};

/** As kube-apiserver has them (pkg/apis/scheduling/validation). */
export const priorityClassStrategy: ResourceStrategy = {
  prepareForCreate: (object) => {
    object.preemptionPolicy ??= 'PreemptLowerPriority';
  },
  validate: (object): StatusCause[] => {
    const { metadata, value, preemptionPolicy } = object as KubeObject & { value?: number; preemptionPolicy?: string };
    if (metadata.name.startsWith('system-')) {
      const why = 'priority class names with the prefix system- are reserved; choose another name';
      return [forbiddenField('metadata.name', why)];
    }
    const causes: StatusCause[] = [];
    if (value === undefined) causes.push(requiredCause('value', 'the priority: a whole number, larger is more urgent'));
    else if (value > HIGHEST_USER_PRIORITY) {
      const why = `maximum allowed value of a user defined priority is ${String(HIGHEST_USER_PRIORITY)}`;
      causes.push(forbiddenField('value', why));
    }
    if (preemptionPolicy !== 'PreemptLowerPriority' && preemptionPolicy !== 'Never') {
      causes.push(invalidCause('preemptionPolicy', preemptionPolicy, 'must be PreemptLowerPriority or Never'));
    }
    return causes;
  },
  validateUpdate: (object, old): StatusCause[] =>
    ['value', 'preemptionPolicy']
      .filter((field) => !equalJson(object[field], old[field]))
      .map((field) => forbiddenField(field, 'may not be changed in an update; create another class instead')),
};

/**
 * @param pod the pods that wait
 * @param path of the spec, or of what stands for it.
 */
export function schedulingCauses(terms: SchedulingTerms, pod: object | undefined, path = 'spec'): StatusCause[] {
  const { queue, gang, waiting } = terms;
  const causes: StatusCause[] = [];
  if (queue !== undefined && !isDnsLabel(queue)) {
    causes.push(
      invalidCause(`${path}.queue`, queue, `is no name that a queue can have; leave it out to use ${DEFAULT_QUEUE}`),
    );
  }
  if (gang?.name !== undefined && !isDnsLabel(gang.name)) {
    causes.push(invalidCause(`${path}.gang.name`, gang.name, 'must be lower-case letters, digits and dashes'));
  }
  if (gang?.name === undefined && gang?.size !== undefined && gang.size !== 1) {
    causes.push(requiredCause(`${path}.gang.name`, 'a gang of several workloads needs a name that they share'));
  }
  return waiting === undefined ? causes : [...causes, ...waitingCauses(terms, waiting, pod, path)];
}

function waitingCauses(
  terms: SchedulingTerms,
  waiting: WaitingPolicy,
  pod: object | undefined,
  path: string,
): StatusCause[] {
  const causes: StatusCause[] = [];
  const { policy, seconds, factor, resource = 'cpu' } = waiting;
  const needsSeconds = policy === 'Constant' || policy === 'Resource';
  if (needsSeconds && seconds === undefined)
    causes.push(requiredCause(`${path}.waiting.seconds`, `policy ${policy} counts with it`));
  if (!needsSeconds && factor === undefined)
    causes.push(requiredCause(`${path}.waiting.factor`, `policy ${policy} counts with it`));
  const { expectedRunSeconds, activeDeadlineSeconds } = terms as SchedulingTerms & { activeDeadlineSeconds?: number };
  if (!needsSeconds && expectedRunSeconds === undefined && activeDeadlineSeconds === undefined) {
    const why = `policy ${policy} counts with the run time; say it, or set activeDeadlineSeconds`;
    causes.push(requiredCause(`${path}.expectedRunSeconds`, why));
  }
  const counts = policy === 'Resource' || policy === 'Compute';
  const requests = counts ? requestsOf(pod) : undefined;
  if (requests !== undefined && requests[resource] === undefined) {
    const why = `policy ${policy} counts with it, and the pods do not request it: there would be no wait at all; they request ${Object.keys(requests).sort().join(', ')}`;
    causes.push(invalidCause(`${path}.waiting.resource`, resource, why));
  }
  return causes;
}

/** Undefined: no pod, or one whose quantities are refused anyway. */
function requestsOf(pod: object | undefined): ResourceList | undefined {
  if (pod === undefined || !Array.isArray((pod as PodResources).containers)) return undefined;
  try {
    return podRequests(pod as PodResources);
  } catch (error) {
    if (error instanceof InvalidQuantityError) return undefined;
    throw error;
  }
}

export function priceCauses(prices: Record<string, number> | undefined): StatusCause[] {
  return Object.keys(prices ?? {})
    .filter((resource) => !isResource(resource))
    .map((resource) => invalidCause('spec.prices', resource, `is no name of a resource; those are ${RESOURCE_NAMES}`));
}

const PLAIN_RESOURCES: readonly string[] = ['cpu', 'memory', 'ephemeral-storage', 'pods'];
const RESOURCE_NAMES = `${PLAIN_RESOURCES.join(', ')}, hugepages-SIZE and those with a domain, such as nvidia.com/gpu`;

/** As Kubernetes has it: what is not its own has a domain. */
const isResource = (name: string): boolean =>
  isQualifiedName(name) && (name.includes('/') || name.startsWith('hugepages-') || PLAIN_RESOURCES.includes(name));

function queueCauses(name: string, { weight, parent, quotas = [] }: QueueSpec): StatusCause[] {
  const causes: StatusCause[] = [];
  if (weight !== undefined && weight <= 0) {
    causes.push(
      invalidCause('spec.weight', weight, 'must be greater than 0; a queue of twice the weight gets twice as much'),
    );
  }
  if (parent !== undefined && !isDnsLabel(parent)) {
    causes.push(invalidCause('spec.parent', parent, 'is no name that a queue can have'));
  }
  if (parent === name) causes.push(invalidCause('spec.parent', parent, 'a queue cannot be its own parent'));
  const seen = new Set<string>();
  for (const [index, quota] of quotas.entries()) {
    const path = `spec.quotas[${String(index)}]`;
    const { resource } = quota;
    if (!isQualifiedName(resource)) causes.push(invalidCause(`${path}.resource`, resource, 'is no name of a resource'));
    if (seen.has(resource)) causes.push(duplicate(`${path}.resource`, resource, 'name a resource once'));
    seen.add(resource);
    const wrong = (['nominal', 'borrowingLimit', 'lendingLimit'] as const).flatMap((field) => {
      const amount = quota[field];
      const problem = amount === undefined ? undefined : quantityProblem(amount);
      return problem === undefined ? [] : [invalidCause(`${path}.${field}`, amount, problem)];
    });
    causes.push(...wrong);
    if (wrong.length > 0) continue;
    if (parent === undefined && quota.borrowingLimit !== undefined) {
      const why = 'a queue without a parent has nobody to borrow from; set spec.parent, or leave this out';
      causes.push(forbiddenField(`${path}.borrowingLimit`, why));
    }
    if (parent === undefined && quota.lendingLimit !== undefined) {
      const why = 'a queue without a parent has nobody to lend to; set spec.parent, or leave this out';
      causes.push(forbiddenField(`${path}.lendingLimit`, why));
    }
    const { nominal, lendingLimit } = quota;
    if (lendingLimit !== undefined && parseAmount(resource, lendingLimit) > parseAmount(resource, nominal)) {
      causes.push(
        invalidCause(`${path}.lendingLimit`, lendingLimit, `must be at most the nominal quota of ${String(nominal)}`),
      );
    }
  }
  return causes;
}
