/**
 * A toy volume binder: every claim is Bound at once to a volume name that says that nothing is behind it. Pods see an empty
 * directory. (A real cluster would have made a PersistentVolume; here that kind is not served.)
 */
import { isDeleting } from '../model/object-facts.js';
import { type ClusterView, type Outcome, NOTHING } from './reconcile.js';

const TOY_PROVISIONER = 'skyflow.io/embedded-toy-provisioner';

export function reconcileVolumeClaim(view: ClusterView, namespace: string | undefined, name: string): Outcome {
  const claim = view.get('PersistentVolumeClaim', namespace, name);
  if (claim === undefined || isDeleting(claim) || claim.status?.phase === 'Bound') return NOTHING;
  if (claim.spec.volumeName === undefined) {
    const annotations = {
      ...claim.metadata.annotations,
      'volume.kubernetes.io/storage-provisioner': TOY_PROVISIONER,
    };
    return {
      writes: [
        {
          op: 'update',
          object: {
            ...claim,
            metadata: { ...claim.metadata, annotations },
            spec: { ...claim.spec, volumeName: `toy-${claim.metadata.uid ?? claim.metadata.name}` },
          },
        },
      ],
    };
  }
  const capacity = claim.spec.resources?.requests;
  return {
    writes: [
      {
        op: 'updateStatus',
        object: {
          ...claim,
          status: {
            phase: 'Bound',
            ...(claim.spec.accessModes === undefined ? {} : { accessModes: claim.spec.accessModes }),
            ...(capacity === undefined ? {} : { capacity }),
          },
        },
      },
    ],
  };
}
