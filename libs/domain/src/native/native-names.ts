/** Marks on native objects beside those of the contracts, which only the agent itself reads. */

/** Fingerprint of what Kubernetes does not allow to change; a difference means that the object must be made anew. */
export const ANNOTATION_IDENTITY_HASH = 'skyflow.io/identity-hash';

/** uid of the SkyFlow object (ConfigMap, Secret, …) that a native dependency was made from. */
export const ANNOTATION_OBJECT_UID = 'skyflow.io/object-uid';

/** What kubectl leaves on an object is about the SkyFlow object, not about the native one. */
const FOREIGN_ANNOTATIONS = ['kubectl.kubernetes.io/last-applied-configuration'];

/** The user's annotations that belong on the native object. */
export const passedAnnotations = (annotations: Record<string, string> | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(annotations ?? {}).filter(([name]) => !FOREIGN_ANNOTATIONS.includes(name)));
