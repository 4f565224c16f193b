/** What the fold must know of a workload's spec: how it is carried out and what its pods ask for. Never throws on a stored spec. */
import {
  DEFAULT_QUEUE,
  type PodTemplate,
  type ResourceList,
  type StoredObject,
  isWorkloadKind,
} from '@skyflow/contracts';
import { InvalidQuantityError } from '../resources/quantity.js';
import { type PodResources, podLimits, podRequests } from '../resources/pod-requests.js';
import type { NativeKind, WorkloadFacts } from './object-record.js';

/**
 * The native kind that carries a stored workload out, or undefined for other kinds. Deployments, and Jobs that restart for ever,
 * become apps/v1 Deployments; Jobs that end become batch/v1 Jobs.
 */
export function nativeKindOf(object: Pick<StoredObject, 'kind'> & { spec?: unknown }): NativeKind | undefined {
  if (!isWorkloadKind(object.kind)) return undefined;
  if (object.kind === 'Deployment') return 'Deployment';
  const restart = podSpecOf(object.spec)?.restartPolicy ?? 'Always';
  return restart === 'Always' ? 'Deployment' : 'Job';
}

export function workloadFacts(object: StoredObject): WorkloadFacts | undefined {
  const native = nativeKindOf(object);
  if (native === undefined) return undefined;
  const spec = (object.spec ?? {}) as { replicas?: unknown; completions?: unknown; queue?: unknown };
  return {
    native,
    replicas: typeof spec.replicas === 'number' ? spec.replicas : 1,
    completions: typeof spec.completions === 'number' ? spec.completions : undefined,
    requests: amountsOf(spec, podRequests),
    limits: amountsOf(spec, podLimits),
    queue: queueOf(spec),
    priorityClass: classNameOf(spec),
  };
}

function queueOf({ queue }: { queue?: unknown }): string {
  return typeof queue === 'string' && queue !== '' ? queue : DEFAULT_QUEUE;
}

/** `priorityClassName` of the pod template. */
export function classNameOf(spec: unknown): string | undefined {
  const name: unknown = podSpecOf(spec)?.priorityClassName;
  return typeof name === 'string' && name !== '' ? name : undefined;
}

function amountsOf(spec: unknown, sum: (pod: PodResources) => ResourceList): ResourceList {
  const pod = podSpecOf(spec);
  if (!Array.isArray(pod?.containers)) return {};
  try {
    return sum(pod);
  } catch (error) {
    if (error instanceof InvalidQuantityError) return {};
    throw error;
  }
}

const podSpecOf = (spec: unknown): PodTemplate['spec'] | undefined =>
  (spec as { template?: Partial<PodTemplate> } | undefined)?.template?.spec;
