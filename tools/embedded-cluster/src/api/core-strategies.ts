/** The API server's own rules for namespaces, nodes, volume claims and reviews. */
import type { ResourceStrategy } from '@skyflow/apimachinery';
import { forbiddenCause, type KubeObject, type StatusCause } from '@skyflow/contracts';
import { sameJson } from '../model/object-facts.js';
import type { Namespace, PersistentVolumeClaim } from '../model/workloads.js';

export const namespaceStrategy: ResourceStrategy = {
  prepareForCreate(object) {
    const namespace = object as Namespace;
    namespace.spec = { finalizers: ['kubernetes'] };
    namespace.status = { phase: 'Active' };
  },
};

export const nodeStrategy: ResourceStrategy = {
  prepareForCreate(object) {
    object['spec'] ??= {};
    object.metadata.labels = { 'kubernetes.io/hostname': object.metadata.name, ...object.metadata.labels };
  },
};

/** A review has no name of its own; the machinery wants one. */
export const reviewStrategy: ResourceStrategy = {
  prepareForCreate(object) {
    object.metadata.name ||= 'review';
  },
};

export const volumeClaimStrategy: ResourceStrategy = {
  prepareForCreate(object) {
    (object as PersistentVolumeClaim).status = { phase: 'Pending' };
  },
};

/** ConfigMaps and Secrets: once immutable, always, and with what they hold. */
export const dataStrategy: ResourceStrategy = {
  validateUpdate(object, old): StatusCause[] {
    if (old['immutable'] !== true) return [];
    const why = 'field is immutable when `immutable` is set';
    const kept = (field: string): boolean => sameJson(object[field], old[field]);
    return [
      ...(object['immutable'] === true ? [] : [forbiddenCause('immutable', why)]),
      ...['data', 'binaryData'].filter((field) => !kept(field)).map((field) => forbiddenCause(field, why)),
    ];
  },
};

/** A service keeps its address for as long as it is of a type that has one. */
export const serviceStrategy: ResourceStrategy = {
  prepareForCreate(object) {
    object['status'] = { loadBalancer: {} };
  },
  prepareForUpdate(object) {
    const spec = object['spec'] as
      { type?: string; externalIPs?: unknown[]; externalTrafficPolicy?: string } | undefined;
    // What is for traffic from outside goes with it.
    if (spec?.type === 'ClusterIP' && (spec.externalIPs ?? []).length === 0) delete spec.externalTrafficPolicy;
  },
  validateUpdate(object, old): StatusCause[] {
    const [next, before] = [specOf(object), specOf(old)];
    const hadNone = before.clusterIP === undefined || before.clusterIP === '' || before.type === 'ExternalName';
    if (hadNone || next.type === 'ExternalName' || next.clusterIP === before.clusterIP) return [];
    const message = `Invalid value: ${JSON.stringify([next.clusterIP])}: may not change once set`;
    return [{ reason: 'FieldValueInvalid', field: 'spec.clusterIPs[0]', message }];
  },
};

const specOf = (object: KubeObject): { clusterIP?: string; type?: string } => object['spec'] as object;
