/** The API server's own rules for pods: what it fills in at creation, what may change later, how long a delete waits. */
import type { DeleteOptions, ResourceStrategy } from '@skyflow/apimachinery';
import type { KubeObject, StatusCause } from '@skyflow/contracts';
import { sameJson } from '../model/object-facts.js';
import { isFinished, qosClassOf } from '../model/pod-facts.js';
import type { Pod, Toleration } from '../model/pod.js';

/** How long a pod stays on a node that is lost (admission plugin DefaultTolerationSeconds). */
const LOST_NODE_SECONDS = 300;
const LOST_NODE_TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

export const podStrategy: ResourceStrategy = {
  prepareForCreate(object) {
    const pod = object as Pod;
    // Of a wrong type: the schema says so, after this.
    if (!Array.isArray((pod.spec as Pod['spec'] | undefined)?.containers)) return;
    // Upstream's way with what it cannot refuse any more.
    if ((pod.spec.terminationGracePeriodSeconds ?? 0) < 0) pod.spec.terminationGracePeriodSeconds = 1;
    pod.status = { phase: 'Pending', qosClass: qosClassOf(pod) };
    pod.spec.serviceAccountName ??= 'default';
    pod.spec['serviceAccount'] ??= pod.spec.serviceAccountName;
    pod.spec.tolerations = withLostNodeTolerations(pod.spec.tolerations ?? []);
  },
  validateUpdate(object, old) {
    return changedSpec(object as Pod, old as Pod);
  },
  gracePeriodSeconds(object: KubeObject, options: DeleteOptions): number {
    const pod = object as Pod;
    // Nobody runs it, so nobody has to stop it.
    if ((pod.spec.nodeName ?? '') === '' || isFinished(pod)) return 0;
    return options.gracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
  },
};

function withLostNodeTolerations(tolerations: Toleration[]): Toleration[] {
  const missing = LOST_NODE_TAINTS.filter(
    (key) => !tolerations.some((each) => each.key === key || each.key === undefined || each.key === ''),
  );
  return [
    ...tolerations,
    ...missing.map((key): Toleration => ({
      key,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: LOST_NODE_SECONDS,
    })),
  ];
}

/** Only images, deadlines and tolerations of a pod's spec may change; its node comes with the subresource binding. */
function changedSpec(pod: Pod, old: Pod): StatusCause[] {
  const comparable = ({ spec }: Pod): unknown => ({
    ...spec,
    tolerations: undefined,
    activeDeadlineSeconds: undefined,
    terminationGracePeriodSeconds: undefined,
    schedulingGates: undefined,
    containers: spec.containers.map((container) => ({ ...container, image: undefined })),
    initContainers: spec.initContainers?.map((container) => ({ ...container, image: undefined })),
  });
  if (sameJson(comparable(pod), comparable(old))) return [];
  return [
    {
      reason: 'FieldValueForbidden',
      field: 'spec',
      message:
        'Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds`',
    },
  ];
}
