/** The API server's own rules for namespaces, nodes, volume claims and reviews. */
import type { ResourceStrategy } from '@skyflow/apimachinery';
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
