/** The number of its pod template, which Kubernetes' controller writes to a Deployment. Derived here, so it is never stored. */
import type { AnyObject } from './native-fields.js';

export const ANNOTATION_REVISION = 'deployment.kubernetes.io/revision';

export const withRevision = (object: AnyObject, revision: number): AnyObject => ({
  ...object,
  metadata: {
    ...object.metadata,
    annotations: { ...object.metadata.annotations, [ANNOTATION_REVISION]: String(revision) },
  },
});

export function withoutRevision(object: AnyObject): AnyObject {
  const { annotations, ...metadata } = object.metadata;
  if (annotations?.[ANNOTATION_REVISION] === undefined) return object;
  const { [ANNOTATION_REVISION]: _revision, ...kept } = annotations;
  return {
    ...object,
    metadata: Object.keys(kept).length === 0 ? metadata : { ...metadata, annotations: kept },
  };
}
