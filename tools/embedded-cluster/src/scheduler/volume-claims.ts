/** What kube-scheduler says of the claims that a pod mounts, before it looks at any node (plugin VolumeBinding). */
import { isDeleting } from '../model/object-facts.js';
import type { Pod } from '../model/pod.js';
import type { ClusterView } from '../controllers/reconcile.js';

/** Undefined: nothing is wrong with them. Whether they are bound is not asked: here every claim is, at once. */
export function claimProblem(view: ClusterView, { metadata, spec }: Pod): string | undefined {
  for (const { persistentVolumeClaim } of spec.volumes ?? []) {
    const { claimName } = (persistentVolumeClaim ?? {}) as { claimName?: string };
    if (claimName === undefined) continue;
    const claim = view.get('PersistentVolumeClaim', metadata.namespace, claimName);
    if (claim === undefined) return `persistentvolumeclaim "${claimName}" not found`;
    if (isDeleting(claim)) return `persistentvolumeclaim "${claimName}" is being deleted`;
  }
  return undefined;
}
