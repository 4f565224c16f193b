/** What the agent keeps in memory of the objects that it watches: enough to judge and to show them, nothing else. */
import {
  fingerprint,
  isFinishedPod,
  isManaged,
  isWork,
  parseResourceList,
  podRequests,
  type NativeObject,
  type NativePod,
  type PodResources,
  type QuantityMap,
} from '@skyflow/domain';
import { keptMetadata, withoutManagedFields, type KubeMetadata, type KubeObject } from '@skyflow/kube-client';
import type { NodeObservation, ResourceList } from '@skyflow/contracts';

/** A workload or dependency of ours. */
export interface KeptObject extends NativeObject {
  metadata: KubeMetadata;
  /** Differs when anything in it that its owner may set differs: metadata.generation where there is one, else of its content. */
  version: string;
}

/** A pod: whole when ours, else only what it takes from its node. */
export interface KeptPod extends NativePod {
  metadata: KubeMetadata;
  nodeName?: string;
  /** Requests of a pod that still uses its node. */
  takes?: ResourceList;
  /** Whether SkyFlow made it. */
  isOwn?: boolean;
  /** Somebody wants it: it is not one of those that belong to every cluster. */
  isWork?: boolean;
}

export interface KeptNode extends NativeObject {
  metadata: KubeMetadata;
  observation: Omit<NodeObservation, 'requestedByOthers'>;
  /** Networks of its pods; its own addresses. */
  podCidrs: readonly string[];
  addresses: readonly string[];
}

/** Our workloads keep spec and status; of others only that the name is taken. */
export function keepWorkload(object: KubeObject): KeptObject {
  const { spec, status } = object;
  if (!isManaged(object)) return { ...nameOf(object), version: '' };
  return { ...identity(object), spec, status, version: versionOf(object) };
}

/** Of ConfigMaps and Secrets not even the content is kept. */
export const keepDependency = (object: KubeObject): KeptObject => ({ ...identity(object), version: versionOf(object) });

/** The version of an object as the API gives it. */
export function versionOf(object: KubeObject): string {
  const { apiVersion: _apiVersion, kind: _kind, metadata, status: _status, ...content } = object;
  return metadata.generation === undefined ? fingerprint(content) : String(metadata.generation);
}

export function keepPod(object: KubeObject): KeptPod {
  const spec = object['spec'] as (PodResources & { nodeName?: string }) | undefined;
  const status = object['status'] as NativePod['status'];
  const nodeName = spec?.nodeName === undefined ? {} : { nodeName: spec.nodeName };
  const work = isWork({ metadata: object.metadata, ...(status === undefined ? {} : { status }) })
    ? { isWork: true }
    : {};
  const takes =
    isFinishedPod({ ...(status === undefined ? {} : { status }) }) || spec?.nodeName === undefined
      ? {}
      : { takes: requestsOf(spec) };
  if (!isManaged(object)) return { ...nameOf(object), ...nodeName, ...takes, ...work };
  return {
    ...identity(object),
    spec,
    ...(status === undefined ? {} : { status }),
    ...nodeName,
    ...takes,
    ...work,
    isOwn: true,
  };
}

export function keepNode(object: KubeObject): KeptNode {
  const spec = object['spec'] as
    | {
        unschedulable?: boolean;
        taints?: { key: string; value?: string; effect: string }[];
        podCIDR?: string;
        podCIDRs?: string[];
      }
    | undefined;
  const status = object['status'] as
    | {
        allocatable?: QuantityMap;
        conditions?: { type: string; status: string }[];
        addresses?: { type: string; address: string }[];
      }
    | undefined;
  const { name, labels } = object.metadata;
  return {
    ...nameOf(object),
    podCidrs: spec?.podCIDRs ?? (spec?.podCIDR === undefined ? [] : [spec.podCIDR]),
    addresses: (status?.addresses ?? []).flatMap(({ type, address }) => (type === 'InternalIP' ? [address] : [])),
    observation: {
      name,
      ready:
        status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true,
      ...(spec?.unschedulable === true ? { unschedulable: true } : {}),
      allocatable: amountsOf(status?.allocatable),
      ...(labels === undefined ? {} : { labels }),
      ...(spec?.taints === undefined
        ? {}
        : {
            taints: spec.taints.map(({ key, value, effect }) => ({
              key,
              ...(value === undefined ? {} : { value }),
              effect,
            })),
          }),
    },
  };
}

export const keepNamespace = (object: KubeObject): KeptObject => {
  const { status } = object;
  return { ...identity(object), status, version: '' };
};

/** Which object it is, and which version of it. */
const nameOf = ({ metadata }: KubeObject): { metadata: KubeMetadata } => ({ metadata: keptMetadata(metadata) });

function identity(object: KubeObject): { apiVersion?: string; kind?: string; metadata: KubeMetadata } {
  return {
    ...(object.apiVersion === undefined ? {} : { apiVersion: object.apiVersion }),
    ...(object.kind === undefined ? {} : { kind: object.kind }),
    metadata: withoutManagedFields(object.metadata),
  };
}

/** A quantity that Kubernetes took and we do not understand must not stop the agent: it counts as nothing. */
function requestsOf(spec: PodResources): ResourceList {
  try {
    return podRequests(spec);
  } catch {
    return { pods: 1 };
  }
}

function amountsOf(quantities: QuantityMap | undefined): ResourceList {
  const amounts: ResourceList = {};
  for (const [name, quantity] of Object.entries(quantities ?? {})) {
    try {
      Object.assign(amounts, parseResourceList({ [name]: quantity }));
    } catch {
      // See requestsOf.
    }
  }
  return amounts;
}
