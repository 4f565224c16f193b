/** What caches keep of an object's metadata. */
import type { KubeMetadata } from '../client/kube-object.js';

/** Which object it is, and which version of it: what every store needs. */
const IDENTITY = ['name', 'namespace', 'uid', 'resourceVersion'] as const;

/** The identity of an object and the fields in `also`, as far as it has them; without keys for what it has not. */
export function keptMetadata(metadata: KubeMetadata, ...also: (keyof KubeMetadata)[]): KubeMetadata {
  const fields = [...IDENTITY, ...also].filter((field) => metadata[field] !== undefined);
  return Object.fromEntries(fields.map((field) => [field, metadata[field]])) as unknown as KubeMetadata;
}

/** All but managedFields, which is often the larger part of an object. */
export function withoutManagedFields(metadata: KubeMetadata): KubeMetadata {
  const { managedFields: _, ...rest } = metadata as KubeMetadata & { managedFields?: unknown };
  return rest;
}
