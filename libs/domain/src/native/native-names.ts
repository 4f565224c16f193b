/** Marks on native objects beside those of the contracts, which only the agent itself reads. */

/** Fingerprint of what Kubernetes does not allow to change; a difference means that the object must be made anew. */
export const ANNOTATION_IDENTITY_HASH = 'skyflow.io/identity-hash';

/** uid of the SkyFlow object (ConfigMap, Secret, …) that a native dependency was made from. */
export const ANNOTATION_OBJECT_UID = 'skyflow.io/object-uid';

/**
 * Finalizer of native Jobs that their cluster deletes by itself some time after they ended (ttlSecondsAfterFinished): they stay until
 * the log has how they ended. Without it a Job that ended and went while its agent was down would be run again.
 */
export const FINALIZER_REPORT = 'skyflow.io/report';

/** What kubectl leaves on an object is about the SkyFlow object, not about the native one. */
const FOREIGN_ANNOTATIONS = ['kubectl.kubernetes.io/last-applied-configuration'];

/** The user's annotations that belong on the native object. */
export const passedAnnotations = (annotations: Record<string, string> | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(annotations ?? {}).filter(([name]) => !FOREIGN_ANNOTATIONS.includes(name)));
