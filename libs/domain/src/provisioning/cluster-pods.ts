/** Which pods belong to a cluster itself: a cluster with no others has nothing to do. The agent and the provisioner ask the same. Pure. */

/** Of Kubernetes, of what the drivers install, and of SkyFlow. */
const SYSTEM = new Set(['ingress-nginx', 'skyflow-system', 'calico-system', 'calico-apiserver', 'tigera-operator']);
const PREFIXES = ['kube-', 'cattle-'];

interface Pod {
  metadata: {
    namespace?: string;
    annotations?: Readonly<Record<string, string>>;
    ownerReferences?: readonly { kind: string }[];
  };
  status?: { phase?: string };
}

const isSystemNamespace = (name: string): boolean =>
  SYSTEM.has(name) || PREFIXES.some((prefix) => name.startsWith(prefix));

export const isFinishedPod = ({ status }: Pick<Pod, 'status'>): boolean =>
  status?.phase === 'Succeeded' || status?.phase === 'Failed';

/** Of a DaemonSet, or of the kubelet itself. */
export const isOfEveryNode = ({ metadata }: Pick<Pod, 'metadata'>): boolean =>
  metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined ||
  (metadata.ownerReferences ?? []).some(({ kind }) => kind === 'DaemonSet' || kind === 'Node');

/** Somebody wants it there, SkyFlow or another; running or still to be placed. */
export const isWork = (pod: Pod): boolean =>
  !isFinishedPod(pod) && !isOfEveryNode(pod) && !isSystemNamespace(pod.metadata.namespace ?? '');
